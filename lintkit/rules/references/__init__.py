"""Rules about what objects need and who provides it."""
