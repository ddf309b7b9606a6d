"""Answers -> files: blueprints, written in the style of the tree and judged before they are written."""
