"""Rules on the values of Helm releases."""
