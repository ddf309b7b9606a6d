"""Rules about what can be reached from outside; the folder is their category."""
