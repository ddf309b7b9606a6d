"""The way of a run that is known already: what it printed is printed again, and nothing that makes a run is imported.

docs/cache.md says what has to be as it was. Whatever is not certain here is left to the whole way.
"""

import os
import sys
from time import perf_counter

from lintkit.collect.cache import Cache, digest
from lintkit.collect.state import is_same

PART = "runs"
_NAMES = ("HOME", "TERM", "NO_COLOR", "TEMP", "LOCALAPPDATA", "HELM_CACHE_HOME", "PYTHONIOENCODING")
_PREFIXES = ("LINTKIT_", "XDG_")
STARTED = perf_counter()


def name_of(cache: Cache, arguments: list[str]) -> str:
    """What a command is known by: its words, where it is given, and what of the environment counts."""
    environment = sorted(
        (name, value) for name, value in os.environ.items() if name in _NAMES or name.startswith(_PREFIXES)
    )
    terminal = sys.stdout.isatty(), getattr(sys.stdout, "encoding", "")
    return digest(cache.stamp, arguments, os.getcwd(), environment, terminal)


def known(arguments: list[str]) -> int | None:
    """Print what a run has printed before, when nothing has changed; None when it has to be done.

    Returns:
        Its exit code.
    """
    if not arguments or arguments[0] != "check" or "--no-cache" in arguments or sys.platform == "win32":
        return None
    cache = Cache.own()
    if cache is None or not cache.has(PART):
        return None
    name = name_of(cache, arguments)
    entry = cache.read(PART, name)
    if not isinstance(entry, tuple) or len(entry) != 3:
        return None
    state, printed, code = entry
    moved: list[str] = []
    if not isinstance(code, int) or not is_same(state, moved):
        return None
    for is_error, text, rest in printed:
        stream = sys.stderr if is_error else sys.stdout
        stream.write(text if rest is None else f"{text}{perf_counter() - STARTED:.2f}{rest}")
    if moved:
        cache.write(PART, name, entry)
    return code
