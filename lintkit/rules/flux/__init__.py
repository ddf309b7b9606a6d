"""Rules about what Flux applies, and in which order."""
