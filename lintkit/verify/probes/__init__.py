"""One probe per file: what the tree promises, and the question that tells whether it is so."""
