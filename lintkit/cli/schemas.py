"""`lintkit schemas`: what was imported on this machine, for kinds and charts that lintkit does not know itself."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click

from lintkit.errors import UsageError
from lintkit.schema.store import Store, StoredChart, StoredKind, plain_version
from lintkit.schema.store_change import changing
from lintkit.suppress import closest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lintkit.schema.chart_files import ChartFiles
    from lintkit.schema.imports import Imported

_store = click.option(
    "--store", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER",
    help="The store; default LINTKIT_STORE, else the platform's folder for data of a user.",
)  # fmt: skip
_format = click.option(
    "--output-format", "form", type=click.Choice(("text", "json")), default="text", help="Form of the output."
)


@click.group("schemas")
def command() -> None:
    """Import schemas of kinds and charts, and see what is there.

    `check` reads what was imported; it never asks a network itself.
    """


@command.command("import")
@click.argument("path", required=False, metavar="[FILE|DIR|-]")
@click.option("--from-cluster", is_flag=True, help="Import every kind of the live cluster, by kubectl.")
@click.option("--context", default="", metavar="NAME", help="With --from-cluster: the context of the kubeconfig.")
@_store
def import_(path: str | None, from_cluster: bool, context: str, store: Path | None) -> int:  # noqa: FBT001 - a flag of click
    """Import CustomResourceDefinitions or JSON Schemas.

    A file or folder may hold CRDs as YAML or JSON, one by one or in lists (`kubectl get crd -o yaml`, the CRD file of a
    release), and JSON Schemas named `kind_version.json` in a folder named after the group. `-` reads standard input.
    A kind that is there already is replaced. After an error the store is as it was.
    """
    if bool(path) == from_cluster:
        message = "give a FILE, a folder or `-`, or --from-cluster"
        raise UsageError(message)
    if context and not from_cluster:
        message = "--context goes with --from-cluster"
        raise UsageError(message)
    with _Progress() as progress:
        imported, origin = _read(path, context, progress)
        folder = Store(store).folder
        with changing(folder, progress) as change:
            gone = change.put(imported, origin, mirror=from_cluster)
    click.echo(
        f"imported {_sum(imported)} from {origin}" + (f", {imported.left_out} left out" * bool(imported.left_out))
    )
    for one in gone:
        click.echo(f"removed `{one}`, which {origin} no longer has")
    return 0


def _read(path: str | None, context: str, progress: Callable[[str], None]) -> tuple[Imported, str]:
    from lintkit.schema import imports  # noqa: PLC0415 - only where something is imported

    if path is None:
        from lintkit.fetch import cluster  # noqa: PLC0415 - the network, for those who ask for it

        return cluster.fetch(context, progress)
    if path == "-":
        try:
            text = sys.stdin.read().removeprefix("\ufeff")
        except UnicodeDecodeError:
            message = "standard input is no text"
            raise UsageError(message) from None
        return imports.read_text(text), "standard input"
    return imports.read_path(Path(path), progress), str(Path(path).resolve())


def _sum(imported: Imported) -> str:
    parts = [
        _count(len(imported.definitions), "kind"),
        _count(len(imported.schemas), "JSON Schema"),
    ]
    return " and ".join(part for part in parts if part) or "nothing"


def _count(number: int, name: str) -> str:
    return f"{number} {name}{'s' if number > 1 else ''}" if number else ""


@command.command("import-chart")
@click.argument("source", metavar="TGZ|DIR|oci://...|URL")
@click.argument("more", nargs=-1, metavar="[CHART] [VERSION]")
@click.option("--plain-http", is_flag=True, help="The registry speaks no TLS.")
@_store
def import_chart(source: str, more: tuple[str, ...], plain_http: bool, store: Path | None) -> int:  # noqa: FBT001
    r"""Import what a Helm chart says of its values: defaults, schemas, and what its templates read.

    \b
      lintkit schemas import-chart ./demo-1.2.3.tgz
      lintkit schemas import-chart charts/demo
      lintkit schemas import-chart oci://ghcr.io/example/charts/demo 1.2.3
      lintkit schemas import-chart https://charts.example.com demo 1.2.3

    Without VERSION it is the newest release; a range (`~1.2`) is the newest in it. Nothing of the chart is run or
    unpacked to disk. Registries are asked without a login.
    """
    from lintkit.fetch import charts  # noqa: PLC0415 - the network, for those who ask for it

    with _Progress() as progress:
        chart, origin = charts.fetch(source, more, plain_http=plain_http, progress=progress)
        with changing(Store(store).folder, progress) as change:
            change.put_chart(chart, origin)
    click.echo(f"imported `{chart.name}` {chart.version} from {origin}: {_known_of(chart)}")
    for name in chart.missing:
        click.echo(f"its subchart `{name}` is not in it: values below `{name}` are not known", err=True)
    return 0


def _known_of(chart: ChartFiles) -> str:
    parts = [
        "a schema" if chart.schema is not None else "no schema",
        "defaults" if chart.values is not None else "no defaults",
        _count(len(chart.subcharts), "subchart"),
    ]
    return ", ".join(part for part in parts if part)


@command.command("list")
@_format
@_store
def list_(form: str, store: Path | None) -> int:
    """List what was imported."""
    found = Store(store)
    kinds, charts = found.kinds(), found.charts()
    if form == "json":
        content = {
            "store": str(found.folder),
            "kinds": [_kind_row(one) for one in kinds],
            "charts": [_chart_row(one) for one in charts],
        }
        click.echo(json.dumps(content, indent=2))
        return 0
    if not kinds and not charts:
        click.echo(f"nothing was imported into {found.folder}")
        return 0
    rows = [("kind", one.id, ", ".join(one.versions), one.imported[:10], one.origin) for one in kinds]
    rows += [("chart", one.name, one.version, one.imported[:10], one.origin) for one in charts]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        click.echo("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]]))
    return 0


def _kind_row(one: StoredKind) -> dict[str, Any]:
    return {
        "group": one.group, "kind": one.kind, "versions": one.versions, "origin": one.origin,
        "imported": one.imported, "whole": one.is_whole,
    }  # fmt: skip


def _chart_row(one: StoredChart) -> dict[str, Any]:
    return {"name": one.name, "version": one.version, "origin": one.origin, "imported": one.imported}


@command.command("show")
@click.argument("name", metavar="KIND|CHART")
@_format
@_store
def show(name: str, form: str, store: Path | None) -> int:
    """Show a kind or a chart: KIND, KIND.GROUP, a short name, CHART or CHART@VERSION."""
    from lintkit.cli import schema_pages  # noqa: PLC0415 - only where there is something to show

    as_json = form == "json"
    found = Store(store)
    kinds, charts = _named(found, name)
    pages = [schema_pages.of_kind(found, kind, as_json=as_json) for kind in _once(kinds)]
    pages += [
        schema_pages.of_chart(chart, as_json=as_json)
        for stored in charts
        for chart in found.chart(stored.name, stored.version)
        if chart.origin == stored.origin
    ]
    click.echo(json.dumps(pages, indent=2) if as_json else _printable("\n\n".join(pages)))
    return 0


def _once(kinds: Sequence[StoredKind]) -> list[StoredKind]:
    """Each kind once: with its CRD if there is one, else each version that has a schema."""
    whole = {(one.group, one.kind.lower()) for one in kinds if one.is_whole}
    return [one for one in kinds if one.is_whole or (one.group, one.kind.lower()) not in whole]


@command.command("remove")
@click.argument("names", nargs=-1, metavar="[KIND|CHART]...")
@click.option("--all", "everything", is_flag=True, help="Remove all that was imported.")
@_store
def remove(names: tuple[str, ...], everything: bool, store: Path | None) -> int:  # noqa: FBT001 - a flag of click
    """Remove kinds and charts: KIND, KIND.GROUP, CHART or CHART@VERSION."""
    if bool(names) == everything:
        message = "give the kinds and charts to remove, or --all"
        raise UsageError(message)
    found = Store(store)
    if found.is_empty and everything:
        click.echo("nothing was imported")
        return 0
    for name in names:
        _named(found, name)
    removed: list[str] = []
    with _Progress() as progress, changing(found.folder, progress) as change:
        held = Store(found.folder)
        chosen = [_named(held, name) for name in names] if names else [(held.kinds(), held.charts())]
        for kinds, charts in chosen:
            removed += change.remove(kinds, charts)
    for one in dict.fromkeys(removed):
        click.echo(f"removed {one}")
    return 0


def _named(store: Store, name: str) -> tuple[Sequence[StoredKind], Sequence[StoredChart]]:
    """The kinds and charts that a name means.

    Raises:
        UsageError: There are none.
    """
    chart, at, version = name.partition("@")
    charts = [
        one
        for one in store.charts()
        if one.name == chart and (not at or plain_version(one.version) == plain_version(version))
    ]
    every = store.kinds()
    wanted = name.lower()
    kinds = [
        one
        for one in every
        if wanted in {alias.lower() for known in (one.kind, *one.names) for alias in (known, f"{known}.{one.group}")}
    ]
    if not kinds and not charts:
        known = {one.kind for one in every} | {one.id for one in every}
        known |= {stored.name for stored in store.charts()} | {stored.id for stored in store.charts()}
        message = f"`{name}` was not imported{closest(name, known)}"
        raise UsageError(message)
    return kinds, charts


def _printable(text: str) -> str:
    """A text of others without what a terminal takes for a command."""
    return "".join(char if char.isprintable() or char == "\n" else "?" for char in text)


class _Progress:
    """One line on standard error that is written over; nothing where standard error is no terminal."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._is_dirty = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_dirty:
            click.echo("\r\x1b[K", err=True, nl=False)

    def __call__(self, message: str) -> None:
        if self._is_terminal:
            width = shutil.get_terminal_size().columns - 1
            click.echo(f"\r\x1b[K{_printable(message)[:width]}", err=True, nl=False)
            self._is_dirty = True
