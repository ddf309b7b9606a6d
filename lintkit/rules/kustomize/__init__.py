"""Rules about kustomize builds."""
