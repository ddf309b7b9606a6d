"""`lintkit cache`: what is kept between runs."""

from __future__ import annotations

import click

from lintkit.collect.cache import Cache, default_folder
from lintkit.errors import UsageError

_WHAT = {
    "runs": "runs that are known",
    "schemas": "schemas that are made",
    "clean": "trees with objects that fit their schemas",
}


@click.group("cache")
def command() -> None:
    """What is kept between runs, so that the next one is faster.

    It may be removed at any time. LINTKIT_CACHE_DIR names another folder; `lintkit check --no-cache` and `cache: false`
    in the configuration do without.
    """


@command.command("dir")
def folder() -> None:
    """Print the folder."""
    click.echo(_own().folder)


@command.command("show")
def show() -> None:
    """Print what is in it."""
    cache = _own()
    click.echo(cache.folder)
    for part, (count, size) in cache.sizes().items():
        click.echo(f"{count:6}  {size / 1e6:7.1f} MB  {_WHAT[part]}")


@command.command("clean")
def clean() -> None:
    """Remove what is in it."""
    cache = _own()
    count = cache.clean()
    click.echo(f"{count} {'entry' if count == 1 else 'entries'} removed from {cache.folder}")


def _own() -> Cache:
    cache = Cache.own()
    if cache is None:
        where = default_folder()
        message = f"{where} belongs to another user" if where else "there is no home folder; set LINTKIT_CACHE_DIR"
        raise UsageError(message)
    return cache
