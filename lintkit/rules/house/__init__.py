"""House rules: what a repository's own configuration asks for. Without it they are silent."""
