"""Characters and edits; knows no YAML."""
