"""YAML with positions; knows no Kubernetes."""
