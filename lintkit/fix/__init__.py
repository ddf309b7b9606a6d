"""From findings with fixes to changed files: chosen, applied in memory, judged again, and only then written."""
