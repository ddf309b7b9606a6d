"""Patterns that the API server holds text against, each with a name for shapes and with words for messages.

An empty text stands for an absent field where the field is optional; those patterns let it through.
"""

from __future__ import annotations

from typing import Any, NamedTuple

_NUMBER = r"(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))"
_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_QUALIFIED = r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_DOMAIN = r"[A-Za-z0-9][-A-Za-z0-9.]*"
_KEY_WORDS = "at most 63 letters, digits, `-`, `_` and `.`, after a domain and `/` if there is one"
_PORT_NAME = r"(?=[-0-9]*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?"

_AMOUNT = r"^\s*[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][-+]?[0-9]+)?\s*$"
QUANTITY = rf"^(\+|-)?{_NUMBER}(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?{_NUMBER}))?$"
DURATION = r"^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$"


class Named(NamedTuple):
    """A pattern that shapes call by a name.

    Attributes:
        pattern: Regular expression.
        words: What is expected, in words.
        more: Further words of JSON Schema: lengths, limits of numbers.
    """

    pattern: str
    words: str
    more: dict[str, Any] = {}  # noqa: RUF012 - a named tuple's default, never changed


TEXTS = {
    "dns-label": Named(rf"^{_LABEL}$", "lower case letters, digits and `-`", {"maxLength": 63}),
    "optional-dns-label": Named(rf"^({_LABEL})?$", "lower case letters, digits and `-`", {"maxLength": 63}),
    "dns-subdomain": Named(rf"^{_SUBDOMAIN}$", "lower case letters, digits, `-` and `.`", {"maxLength": 253}),
    "host": Named(rf"^((\*\.)?{_SUBDOMAIN})?$", "a host name such as `app.example.com` or `*.example.com`"),
    "object-name": Named(r"^(?!\.\.?$)[^/%]+$", "a name without `/` and `%`"),
    # a domain in capitals passes: one pattern for labels and annotations is compiled once for each kind
    "label-key": Named(rf"^({_DOMAIN}/)?{_QUALIFIED}$", _KEY_WORDS, {"maxLength": 317}),
    "optional-label-key": Named(rf"^(({_DOMAIN}/)?{_QUALIFIED})?$", _KEY_WORDS, {"maxLength": 317}),
    "label-value": Named(
        r"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$",
        "letters, digits, `-`, `_` and `.`, with a letter or digit at both ends",
        {"maxLength": 63},
    ),
    "data-key": Named(
        r"^(?!\.$)(?!\.\.)[-._A-Za-z0-9]+$", "letters, digits, `-`, `_` and `.`", {"maxLength": 253}
    ),
    "variable-name": Named(r"^[ -<>-~]+$", "a name without `=`"),
    "header-name": Named(r"^[-A-Za-z0-9]+$", "letters, digits and `-`"),
    "port-name": Named(
        rf"^({_PORT_NAME})?$", "at most 15 lower case letters, digits and `-`, with a letter among them"
    ),
    "inner-path": Named(r"^(?!/)(?!(.*/)?\.\.(/|$))", "a relative path without `..`"),
    "quantity-text": Named(_AMOUNT, "a quantity such as `500m` or `2Gi`"),
    "absolute-path": Named(r"^(/.*)?$", "a path that begins with `/`"),
}  # fmt: skip
"""Text, by the name of its shape."""

MIXED = {
    "port-or-name": Named(
        rf"^(?:{_PORT_NAME})?$",
        "a number, or the name of a port: at most 15 lower case letters, digits and `-`, with a letter among them",
        {"minimum": 1, "maximum": 65535},
    ),
    "target-port": Named(
        rf"^(?:{_PORT_NAME})?$",
        "a number, or the name of a port: at most 15 lower case letters, digits and `-`, with a letter among them",
        {"minimum": 0, "maximum": 65535},
    ),
    "count-or-percentage": Named(r"^[0-9]+%$", "a number or a percentage such as `25%`", {"minimum": 0}),
    "count-or-share": Named(
        r"^0*(100|[0-9]{1,2})%$", "a number or a percentage up to `100%`", {"minimum": 0}
    ),
}  # fmt: skip
"""A whole number or text, by the name of its shape; the pattern is for the text."""

_OTHERS = {
    DURATION: "a duration such as `5m` or `1h30m`",
    QUANTITY: "a quantity such as `500m` or `2Gi`",
    r"^(http|https)://.*$": "a URL that begins with `http://` or `https://`",
}
WORDS = {**{named.pattern: named.words for named in (*TEXTS.values(), *MIXED.values())}, **_OTHERS}
"""Pattern -> what is expected, in words."""
