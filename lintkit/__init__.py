"""A linter and generator for GitOps repositories that Flux applies to Kubernetes."""

__version__ = "0.1.0"
