"""`lintkit graph`: draw the tree, or say who needs an object and who makes it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from lintkit import configuration, engine
from lintkit.collect.repository import root_of
from lintkit.errors import UsageError
from lintkit.graph import as_json, dot, html, links, mermaid, needs, needs_report, select, text
from lintkit.graph.build import graph_of

if TYPE_CHECKING:
    from lintkit.graph.graph import Graph, Node

FORMATS = ("text", "mermaid", "dot", "html", "json")


@click.command("graph")
@click.argument("path", default=".", type=click.Path(path_type=Path))
@click.option("--format", "output_format", type=click.Choice(FORMATS), help="Form of the output; default text.")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE, not to the terminal.")
@click.option("--needs", "wanted", metavar="KIND/NAMESPACE/NAME", help="Who needs this object, and who makes it.")
@click.option("--namespace", "namespaces", multiple=True, metavar="NAME", help="Only objects of this namespace.")
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Only objects of this kind.")
@click.option("--resources", is_flag=True, help="With mermaid and dot: every object, not Flux Kustomizations alone.")
@click.option("--source-url", metavar="TEMPLATE", help="Address of a line of source, with {path} and {line} in it.")
@click.option("--config", type=click.Path(path_type=Path), help="Configuration file.")
@click.option("--root", type=click.Path(path_type=Path), help="Root of the tree.")
def command(path: Path, wanted: str | None, **given: object) -> int:
    r"""Draw the tree that PATH is in: what Flux applies, and who needs what.

    \b
    text      a tree: entry points, Flux Kustomizations, objects and what they refer to
    mermaid   a flowchart of the Flux Kustomizations; every object with --resources
    dot       the same for Graphviz
    html      one page that needs no network: search, filters, findings, links to the source
    json      all nodes and edges

    The default is the format that FILE's name ends in, else text. --namespace and --kind may be repeated. Names of
    keys are shown, values of Secrets never are.
    """
    output: Path | None = given["output"]  # type: ignore[assignment]
    form = _format(given["output_format"], output)
    if not path.exists():
        message = f"{path} does not exist"
        raise UsageError(message)
    root: Path = (given["root"] or root_of(path)).resolve()  # type: ignore[attr-defined]
    if not root.is_dir():
        message = f"--root {root} is not a folder"
        raise UsageError(message)
    if form == "html" and output is None and sys.stdout.isatty():
        message = "a page is not for a terminal: give --output FILE"
        raise UsageError(message)
    if wanted is not None and (given["namespaces"] or given["kinds"]):
        message = "--needs names one object: it takes no --namespace and no --kind"
        raise UsageError(message)
    template = (
        links.checked(str(given["source_url"])) if given["source_url"] else links.of_remote(engine.git_remote(root))
    )
    graph = _graph(root, given)
    chosen = needs.find(graph, wanted) if wanted is not None else ()
    graph = select.narrowed(graph, given["namespaces"], given["kinds"])  # type: ignore[arg-type]
    _write(_rendered(graph, form, chosen, template, given | {"root": root}), output)
    return 0


def _format(asked: object, output: Path | None) -> str:
    """The format that is asked for, or the one that the file's name says."""
    endings = {".html": "html", ".htm": "html", ".json": "json", ".dot": "dot", ".gv": "dot", ".mmd": "mermaid"}
    return str(asked) if asked else endings.get(output.suffix.lower() if output else "", "text")


def _graph(root: Path, given: dict[str, object]) -> Graph:
    """The graph of a tree with its findings."""
    options = configuration.load(root, given["config"])  # type: ignore[arg-type]
    report = engine.check(root, root=root, options=options)
    return graph_of(engine.load_tree(root, options), report.findings)


def _rendered(graph: Graph, form: str, chosen: tuple[Node, ...], template: str, given: dict[str, object]) -> str:
    root: Path = given["root"]  # type: ignore[assignment]
    output: Path | None = given["output"]  # type: ignore[assignment]
    if form == "html":
        base = template or f"{_relative(root, output)}{{path}}"
        return html.render(graph, title=root.name, template=base, chosen=chosen[0].id if chosen else "")
    color = output is None and sys.stdout.isatty()
    if chosen and form == "text":
        return needs_report.render(graph, chosen, color=color)
    if chosen and form == "json":
        return needs_report.render_json(graph, chosen)
    if form == "json":
        return as_json.render(graph)
    if form == "text":
        width = shutil.get_terminal_size().columns if color else 0
        return text.render(graph, width=width, color=color)
    if chosen:
        graph = select.around(graph, [node.id for node in chosen])
    elif not (given["resources"] or given["namespaces"] or given["kinds"]):
        graph = select.flux_level(graph)
    if form == "dot":
        return dot.render(graph, template=template)
    chart = mermaid.render(graph, template=template)
    limit = mermaid.limits(graph, chart)
    if limit:
        click.echo(f"lintkit: {limit}; narrow it with --namespace, --kind or --needs, or use --format html", err=True)
    return chart


def _relative(root: Path, output: Path | None) -> str:
    """From the page's folder to the root, as the beginning of a relative address."""
    if output is None:
        return ""
    way = Path(os.path.relpath(root, output.resolve().parent)).as_posix()
    return "" if way == "." else f"{quote(way, safe='/')}/"


def _write(content: str, output: Path | None) -> None:
    """Write to the terminal, or a whole file at once: a reader never sees half of it."""
    if output is None:
        click.echo(content, nl=False, color=True)
        return
    file = output.resolve()
    aside = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        if file.exists() and not file.is_file():
            file.write_text(content, "utf-8")
            return
        aside.write_text(content, "utf-8")
        aside.replace(file)
    except OSError as error:
        aside.unlink(missing_ok=True)
        message = f"--output {output}: {error.strerror or error}"
        raise UsageError(message) from None
