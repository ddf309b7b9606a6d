"""From disk and tools to text."""
