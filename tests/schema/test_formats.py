"""Formats are checked as the API server checks them."""

from __future__ import annotations

import pytest

from lintkit.schema.formats import FORMATS


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("date-time", "2026-01-31T12:00:00Z"),
        ("date-time", "2026-01-31T12:00:00.5+02:00"),
        ("byte", "YQ=="),
        ("byte", "YWFh\nYWFh\n"),
        ("byte", ""),
        ("ipv4", "10.0.0.1"),
        ("ipv6", "fd00::1"),
        ("cidr", "10.0.0.0/8"),
        ("cidr", "10.0.0.1/8"),
        ("cidr", "fd00::/64"),
        ("cron", "0 3 * * 1"),
        ("cron", "*/5 1-4/2 ? jan,FEB mon-fri"),
        ("cron", "@daily"),
        ("cron", "@every 1h30m"),
        ("cron", "TZ=Europe/Berlin 0 3 * * *"),
    ],
)
def test_text_of_a_format(name: str, text: str) -> None:
    assert FORMATS[name](text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("date-time", "2026-01-31"),
        ("date-time", "2026-01-31T12:00:00"),
        ("date-time", "today"),
        ("byte", "YQ"),
        ("byte", "not base64!"),
        ("ipv4", "10.0.0"),
        ("ipv6", "10.0.0.1"),
        ("cidr", "10.0.0.1"),
        ("cidr", "10.0.0.0/33"),
        ("cidr", "10.0.0.0/255.0.0.0"),
        ("cron", "0 3 * *"),
        ("cron", "0 0 3 * * 1"),
        ("cron", "60 3 * * 1"),
        ("cron", "0 24 * * 1"),
        ("cron", "0 0 0 * *"),
        ("cron", "0 0 * 13 *"),
        ("cron", "0 0 * * 7"),
        ("cron", "*/0 0 * * *"),
        ("cron", "5-1 0 * * *"),
        ("cron", "0 0 * * someday"),
        ("cron", "@dayly"),
        ("cron", "@every day"),
    ],
)
def test_text_of_no_format(name: str, text: str) -> None:
    assert not FORMATS[name](text)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_what_is_no_text_has_every_format(name: str) -> None:
    assert FORMATS[name](7)
