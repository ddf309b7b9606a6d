"""`lintkit`: from the process to a command, and from what comes of it to an exit code."""

import gc
import os
import sys
from io import TextIOWrapper

from lintkit.cli import front

TYPE_CHECKING = False  # a run that is known already needs no more than what stands above
if TYPE_CHECKING:
    from lintkit.cli.group import COMMANDS as COMMANDS  # noqa: PLC0414 - what the group has is asked for here
    from lintkit.cli.group import lintkit as lintkit  # noqa: PLC0414 - as above


def __getattr__(name: str) -> object:
    if name in {"COMMANDS", "lintkit"}:
        from lintkit.cli import group  # noqa: PLC0415 - it loads click

        return getattr(group, name)
    message = f"module `{__name__}` has no attribute `{name}`"
    raise AttributeError(message)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; ends the process.

    Args:
        arguments: What follows the program's name; what the process was given when None. Then the process ends without
            taking the tree apart first, which costs as much as building a part of it.
    """
    if arguments is None:
        gc.set_threshold(1_000_000)  # a run drops next to nothing of what it makes
    try:
        _main(arguments)
    except SystemExit as end:
        if arguments is not None:
            raise
        code = end.code if isinstance(end.code, int) else 1 if end.code else 0
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except (OSError, ValueError):  # nobody reads, or the stream is closed
            pass
        os._exit(code)


def _main(arguments: list[str] | None) -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks `•` shows `?`
    try:
        code = front.known(sys.argv[1:] if arguments is None else arguments)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    if code is None:
        from lintkit.cli.group import run  # noqa: PLC0415 - it loads click

        code = run(arguments)
    sys.exit(code)
