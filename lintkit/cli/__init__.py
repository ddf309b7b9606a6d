"""The command line: arguments -> Options, results -> exit codes."""
