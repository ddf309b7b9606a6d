"""One file's text, and how its offsets map to lines and columns."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property

_BREAK = re.compile(r"\r\n|\n|\r")
_BYTE_ORDER_MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class Source:
    """The text of one file, with positions.

    Offsets count characters (code points) of `text`, a byte order mark included; lines and columns are 1-based and
    exist only for people.

    Args:
        path: The file's path relative to the root of the tree, with `/` between the parts.
        text: The whole text, line breaks as they stand in the file.
    """

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text

    def __repr__(self) -> str:
        return f"Source({self.path!r}, {len(self.text)} characters)"

    @cached_property
    def line_starts(self) -> list[int]:
        """Offsets at which the lines start; the first is 0."""
        if "\r" in self.text:
            return [0, *(found.end() for found in _BREAK.finditer(self.text))]
        starts = [0]
        at = self.text.find("\n") + 1
        while at:
            starts.append(at)
            at = self.text.find("\n", at) + 1
        return starts

    @property
    def line_count(self) -> int:
        """Number of lines; a text that ends in a line break has no further empty line."""
        return len(self.line_starts) - (self.line_starts[-1] == len(self.text) and len(self.line_starts) > 1)

    def line_index(self, offset: int) -> int:
        """0-based index of the line that holds `offset`."""
        return bisect_right(self.line_starts, offset) - 1

    def position(self, offset: int) -> tuple[int, int]:
        """1-based (line, column) of `offset`; offsets past the end count as the end."""
        offset = min(max(offset, 0), len(self.text))
        line = self.line_index(offset)
        column = offset - self.line_starts[line]
        if line == 0 and column and self.text.startswith("\ufeff"):
            column -= 1
        return line + 1, column + 1

    def line_span(self, line: int) -> tuple[int, int]:
        """Half-open offsets of 1-based `line`, without its line break."""
        start = self.line_starts[line - 1]
        end = self.line_starts[line] if line < len(self.line_starts) else len(self.text)
        while end > start and self.text[end - 1] in "\r\n":
            end -= 1
        return start, end

    def line(self, line: int) -> str:
        """Text of 1-based `line`, without its line break and without a byte order mark."""
        start, end = self.line_span(line)
        return self.text[start:end].removeprefix("\ufeff")


def decode(raw: bytes) -> tuple[str, int | None]:
    """Turn a file's bytes into text.

    YAML is UTF-8, or UTF-16 with a byte order mark. Bytes that are not valid UTF-8 become U+FFFD, so that the rest of
    the file can still be read.

    Returns:
        The text, and the character offset of the first invalid byte (None when all are valid).
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            text = raw.decode(encoding, "replace")
            broken = text.find("\ufffd")
            return text, (broken if broken >= 0 else None)
    try:
        return raw.decode("utf-8"), None
    except UnicodeDecodeError as error:
        return raw.decode("utf-8", "replace"), len(raw[: error.start].decode("utf-8"))


def is_commented(text: str, offset: int) -> bool:
    """Whether the line of a configuration text that holds `offset` starts as a comment."""
    line = text[text.rfind("\n", 0, offset) + 1 : offset].lstrip()
    return line.startswith(("#", "//", ";"))
