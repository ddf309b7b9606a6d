"""Fixtures of this folder."""

from tests.terminal import terminal as terminal  # noqa: PLC0414 - a fixture
