"""XML as text."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def element(name: str, attributes: dict[str, object], text: str = "") -> ET.Element:
    """An element; characters that XML cannot hold become U+FFFD."""
    made = ET.Element(name, {key: legal(str(value)) for key, value in attributes.items()})
    made.text = legal(text) or None
    return made


def legal(text: str) -> str:
    """A text with U+FFFD for what XML cannot hold."""
    return _NOT_XML.sub("\ufffd", text)


def document(root: ET.Element) -> str:
    """A whole document, indented."""
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"
