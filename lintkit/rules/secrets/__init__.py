"""Rules about secrets that stand in the repository."""
