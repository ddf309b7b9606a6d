"""Truth from the real tools: subprocesses are started here and in `verify` alone."""
