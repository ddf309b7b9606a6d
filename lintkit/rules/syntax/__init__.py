"""Rules about YAML itself."""
