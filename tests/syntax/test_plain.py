"""Plain scalars as the cluster reads them: what Flux (go-yaml v3) and what kubectl and Helm (v2) make of them."""

from __future__ import annotations

import math
from typing import Any

import pytest

from lintkit.syntax.node import Scalar
from lintkit.syntax.parser import parse
from lintkit.syntax.plain import flux_value, kubectl_value, timestamp
from lintkit.text.source import Source

SAME: dict[str, Any] = {
    # null and bool
    "": None, "~": None, "null": None, "Null": None, "NULL": None, "nUll": "nUll",
    "true": True, "True": True, "TRUE": True, "tRue": "tRue", "false": False, "False": False, "FALSE": False,
    # whole numbers
    "0": 0, "1": 1, "-1": -1, "+1": 1, "017": 15, "0755": 493, "-017": -15, "0o17": 15, "0O17": 15, "-0o17": -15,
    "0x1F": 31, "-0x1f": -31, "0b11": 3, "-0b11": -3, "0b12": "0b12", "0xg": "0xg", "1_000": 1000, "0b1_1": 3,
    "9223372036854775807": 9223372036854775807, "18446744073709551615": 18446744073709551615,
    "18446744073709551616": 1.8446744073709552e19, "-9223372036854775808": -9223372036854775808,
    "0o8": "0o8", "--1": "--1", "1-": "1-", "1a": "1a", "1 2": "1 2", "-": "-", "+": "+", ".": ".", "1,000": "1,000",
    # fractions
    "08": 8.0, "09.5": 9.5, "1e3": 1000.0, "1E3": 1000.0, "1e+3": 1000.0, "1.": 1.0, ".5": 0.5, "-.5": -0.5, "1.5": 1.5,
    "1e": "1e", "e3": "e3", "1.5.2": "1.5.2", "v1.5": "v1.5", "1e999": "1e999", "-1e999": "-1e999",
    ".inf": math.inf, "-.inf": -math.inf, "+.Inf": math.inf, ".INF": math.inf, "inf": "inf", "nan": "nan",
    # what YAML 1.1 has and Go has not
    "1:30": "1:30", "22:22": "22:22", "12:30": "12:30", "12:30:45": "12:30:45", "190:20:30": "190:20:30",
    "=": "=", "<<": "<<",
    # text
    "text": "text", "100m": "100m", "1Gi": "1Gi", "1.2.3.4": "1.2.3.4", "0x": "0x", "1s": "1s", "²": "²", "٣": "٣",
}  # fmt: skip


@pytest.mark.parametrize(("text", "value"), SAME.items())
def test_what_both_read_alike(text: str, value: object) -> None:
    for read in (flux_value, kubectl_value):
        found = read(text)
        assert found == value
        assert isinstance(found, bool) is isinstance(value, bool)
        assert isinstance(found, str) is isinstance(value, str)


@pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
def test_no_number(text: str) -> None:
    for read in (flux_value, kubectl_value):
        value = read(text)
        assert isinstance(value, float)
        assert math.isnan(value)


@pytest.mark.parametrize(
    ("text", "kubectl"),
    [
        *((word, True) for word in ("y", "Y", "yes", "Yes", "YES", "on", "On", "ON")),
        *((word, False) for word in ("n", "N", "no", "No", "NO", "off", "Off", "OFF")),
    ],
)
def test_words_that_are_text_for_flux_and_a_bool_for_kubectl(text: str, kubectl: bool) -> None:
    assert flux_value(text) == text
    assert kubectl_value(text) is kubectl


@pytest.mark.parametrize("text", ["yEs", "oN", "nO", "oFF", "yep"])
def test_words_that_are_text_for_both(text: str) -> None:
    assert flux_value(text) == kubectl_value(text) == text


@pytest.mark.parametrize(
    ("text", "flux"),
    [
        ("2024-01-15", "2024-01-15T00:00:00Z"),
        ("2024-1-5", "2024-01-05T00:00:00Z"),
        ("2024-02-29", "2024-02-29T00:00:00Z"),
        ("2024-01-15T10:20:30Z", "2024-01-15T10:20:30Z"),
        ("2024-01-15t10:20:30Z", "2024-01-15T10:20:30Z"),
        ("2024-01-15 10:20:30", "2024-01-15T10:20:30Z"),
        ("2024-01-15T10:20:30.500Z", "2024-01-15T10:20:30.5Z"),
        ("2024-01-15T10:20:30+02:00", "2024-01-15T10:20:30+02:00"),
        ("2024-01-15T10:20:30+00:00", "2024-01-15T10:20:30Z"),
    ],
)
def test_dates_that_kustomize_rewrites(text: str, flux: str) -> None:
    assert flux_value(text) == timestamp(text) == flux
    assert kubectl_value(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "2024-13-01", "2024-00-01", "2023-02-29", "2024-01-32", "24-01-15", "2024-01", "2024-01-15T25:00:00Z",
        "2024-01-15T10:20:30", "2024-01-15 10:20:30Z", "2024-01-15T10:20Z", "2024-01-15T10:20:30+25:00", "2024.01.15",
    ],
)  # fmt: skip
def test_what_is_no_date(text: str) -> None:
    assert timestamp(text) is None
    assert flux_value(text) == kubectl_value(text) == text


def test_a_number_of_any_length_is_read_in_time() -> None:
    assert flux_value("9" * 100_000) == "9" * 100_000
    assert flux_value("1" + "0" * 300) == 1e300
    assert flux_value("0o" + "7" * 100_000) == "0o" + "7" * 100_000


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"), ("'1'", "1"), ('"true"', "true"), ("!!str 1", "1"), ("!!int '1'", 1), ("!!float 1.5", 1.5),
        ("!!bool 'true'", True), ("!!null ''", None), ("! 1", 1), ("!own 1", "1"), ("|\n  1\n", "1\n"), ("~", None),
        ("''", ""), ("'null'", "null"),
    ],
)  # fmt: skip
def test_quotes_and_tags(text: str, value: object) -> None:
    root = parse(Source("a.yaml", f"a: {text}\n")).documents[0].root
    assert root is not None
    node = root.at("a")
    assert isinstance(node, Scalar)
    assert (node.value, type(node.value)) == (value, type(value))
    assert node.is_null is (value is None and "!!" not in text)
    assert node.is_text is isinstance(value, str)
