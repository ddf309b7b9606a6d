"""The errors lintkit raises, each with the exit code the command line ends with.

LintkitError                 1
├── UsageError               2   the command line asks for what cannot be
│   └── ConfigurationError   2   the configuration file is wrong; names file, line and column
├── WriteError               2   a file cannot be written
├── NothingLintedError       3   no file to lint was found
├── ToolMissingError         3   an external tool is needed and absent
├── BrokenRuleError          3   a rule broke, and what it would have found is needed
├── PluginError              3   a plugin is broken
└── ClusterError             3   the cluster cannot be reached
"""

from __future__ import annotations


class LintkitError(Exception):
    """Base of every error that lintkit raises on purpose; its text is meant for the user."""

    exit_code = 1


class UsageError(LintkitError):
    """The command line or a call asks for something that cannot be."""

    exit_code = 2


class ConfigurationError(UsageError):
    """A configuration file is wrong.

    Args:
        message: What is wrong, and what was expected.
        path: The file, as the user would type it.
        line: 1-based line of the mistake, 0 when the whole file is meant.
        column: 1-based column, 0 when unknown.
    """

    def __init__(self, message: str, path: str = "", line: int = 0, column: int = 0) -> None:
        self.message = message
        self.path = path
        self.line = line
        self.column = column
        where = ":".join(str(part) for part in (path, line, column) if part)
        super().__init__(f"{where}: {message}" if where else message)


class WriteError(LintkitError):
    """A file cannot be written; what was not written yet is as it was."""

    exit_code = 2


class NothingLintedError(LintkitError):
    """There was no file to lint."""

    exit_code = 3


class ToolMissingError(LintkitError):
    """An external tool that the request needs is not on the PATH."""

    exit_code = 3


class BrokenRuleError(LintkitError):
    """A rule broke, so that what the tree lacks is not known."""

    exit_code = 3


class PluginError(LintkitError):
    """A plugin cannot be loaded, or broke."""

    exit_code = 3


class ClusterError(LintkitError):
    """The cluster cannot be reached or refuses to answer."""

    exit_code = 3
