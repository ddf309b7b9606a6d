"""What the YAML means to Kubernetes, kustomize and Flux."""
