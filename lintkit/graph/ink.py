"""Colours of a terminal."""

from __future__ import annotations

BOLD, DIM = "\x1b[1m", "\x1b[2m"
RED, GREEN, YELLOW, BLUE = "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[34m"
OF_SEVERITY = {"error": RED, "warning": YELLOW, "info": BLUE}
_RESET = "\x1b[0m"


def painted(code: str, text: str, *, color: bool) -> str:
    """A text in a colour, when `color` says so."""
    return f"{code}{text}{_RESET}" if color and code and text else text
