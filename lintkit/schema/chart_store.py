"""Charts as objects of the store: plain JSON values."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from lintkit.schema.chart_files import ChartFiles


def chart_to(chart: ChartFiles) -> dict[str, Any]:
    """A chart as JSON values."""
    found = asdict(chart)
    return _plain(found)


def _plain(found: dict[str, Any]) -> dict[str, Any]:
    del found["origin"]
    keys = found["template_keys"]
    found["template_keys"] = sorted(keys) if keys is not None else None
    found["subcharts"] = [_plain(one) for one in found["subcharts"]]
    return found


def chart_from(content: dict[str, Any], origin: str = "") -> ChartFiles:
    """A chart from JSON values."""
    keys = content["template_keys"]
    given = {
        **content,
        "origin": origin,
        "subcharts": tuple(chart_from(one) for one in content["subcharts"]),
        "missing": tuple(content["missing"]),
        "tags": tuple(content["tags"]),
        "template_keys": frozenset(tuple(path) for path in keys) if keys is not None else None,
    }
    return ChartFiles(**given)
