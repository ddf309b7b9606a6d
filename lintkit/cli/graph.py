"""`lintkit graph`: draw the tree, or say who needs an object and who makes it."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from lintkit import configuration, engine
from lintkit.collect.repository import root_of
from lintkit.errors import UsageError
from lintkit.graph import as_json, dot, excerpts, html, links, mermaid, needs, needs_report, select, text
from lintkit.graph.build import graph_of

if TYPE_CHECKING:
    from lintkit.graph.graph import Graph, Node

_FORMATS = ("text", "mermaid", "dot", "html", "json")
_ENDINGS = {".html": "html", ".htm": "html", ".json": "json", ".dot": "dot", ".gv": "dot", ".mmd": "mermaid"}


@dataclass(frozen=True, slots=True)
class _Asked:
    """How an output other than the page is to look.

    Attributes:
        form: The format.
        link: Template for the address of a line of source; empty when no web address is known.
        resources: Whether a drawing shows every object, not Flux Kustomizations alone.
        color: Whether the output is for a terminal.
    """

    form: str
    link: str
    resources: bool
    color: bool


@click.command("graph")
@click.argument("path", default=".", type=click.Path(path_type=Path))
@click.option("--output-format", type=click.Choice(_FORMATS), help="Form of the output; default text.")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE, not to the terminal.")
@click.option("--needs", "wanted", metavar="KIND/NAMESPACE/NAME", help="Who needs this object, and who makes it.")
@click.option("--namespace", "namespaces", multiple=True, metavar="NAME", help="Only objects of this namespace.")
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Only objects of this kind.")
@click.option("--select", "patterns", multiple=True, metavar="PATTERN", help="Only objects like KIND/NAMESPACE/NAME.")
@click.option("--resources", is_flag=True, help="With mermaid and dot: every object, not Flux Kustomizations alone.")
@click.option("--link", metavar="TEMPLATE", help="Address of a line of source, with {path} and {line} in it.")
@click.option("--config", type=click.Path(path_type=Path), help="Configuration file.")
@click.option("--root", type=click.Path(path_type=Path), help="Root of the tree.")
def command(  # noqa: PLR0913, PLR0917 - one for each option
    path: Path,
    output_format: str | None,
    output: Path | None,
    wanted: str | None,
    namespaces: tuple[str, ...],
    kinds: tuple[str, ...],
    patterns: tuple[str, ...],
    resources: bool,  # noqa: FBT001 - click passes it by name
    link: str | None,
    config: Path | None,
    root: Path | None,
) -> int:
    r"""Draw the tree that PATH is in: what Flux applies, and who needs what.

    \b
    text      a tree: entry points, Flux Kustomizations, objects and what they refer to
    mermaid   a flowchart of the Flux Kustomizations; every object with --resources
    dot       the same for Graphviz
    html      one page that needs no network: search, filters, findings, source
    json      all nodes and edges

    The default is the format that FILE's name ends in, else text. The whole tree is read; PATH (default: all of it),
    --namespace, --kind and --select choose the objects that are shown, with what they are joined to. The last three
    may be repeated. In a PATTERN, `*` stands for anything. Names of keys are shown, values of Secrets never are.
    """
    if not path.exists():
        message = f"{path} does not exist"
        raise UsageError(message)
    root = (root or root_of(path)).resolve()
    if not root.is_dir() or not path.resolve().is_relative_to(root):
        message = f"--root {root} is no folder that holds {path}"
        raise UsageError(message)
    if wanted is not None and (namespaces or kinds or patterns):
        message = "--needs names one object: it takes no --namespace, --kind and --select"
        raise UsageError(message)
    form = output_format or _ENDINGS.get(output.suffix.lower() if output else "", "text")
    is_terminal = output is None and sys.stdout.isatty()
    if form == "html" and is_terminal:
        message = "a page is not for a terminal: give --output FILE"
        raise UsageError(message)
    template = links.checked(link) if link else links.of_remote(engine.git_remote(root))
    options = configuration.load(root, config)
    report = engine.check(root, root=root, options=options)
    tree = report.tree or engine.load_tree(root, options)
    for failure in report.failures:
        click.echo(f"lintkit: internal error in rule {failure.rule}: {failure.message}", err=True)
    graph = graph_of(tree, report.findings)
    chosen: tuple[Node, ...] = ()
    if wanted is None:
        below = path.resolve().relative_to(root).as_posix()
        graph = select.narrowed(graph, select.Choice(namespaces, kinds, patterns, "" if below == "." else below))
    else:
        chosen = needs.find(graph, wanted)
    if form == "html":
        base = template or f"{_relative(root, output)}{{path}}"
        shown = excerpts.of_graph(graph, tree, report.sensitive)
        first = chosen[0].id if chosen else ""
        _write(html.render(graph, shown, title=root.name, template=base, chosen=first), output)
        return 0
    is_detailed = bool(resources or namespaces or kinds or patterns)
    _write(_rendered(graph, chosen, _Asked(form, template, is_detailed, is_terminal)), output)
    return 0


def _rendered(graph: Graph, chosen: tuple[Node, ...], asked: _Asked) -> str:
    if asked.form == "json":
        return needs_report.render_json(graph, chosen) if chosen else as_json.render(graph)
    if asked.form == "text":
        if chosen:
            return needs_report.render(graph, chosen, color=asked.color)
        return text.render(graph, width=shutil.get_terminal_size().columns if asked.color else 0, color=asked.color)
    if chosen:
        graph = select.around(graph, [node.id for node in chosen])
    elif not asked.resources:
        graph = select.flux_level(graph)
    if asked.form == "dot":
        return dot.render(graph, template=asked.link)
    chart = mermaid.render(graph, template=asked.link)
    limit = mermaid.limits(graph, chart)
    if limit:
        remedy = "narrow it with PATH, --namespace, --kind, --select or --needs, or use --output-format html"
        click.echo(f"lintkit: {limit}; {remedy}", err=True)
    return chart


def _relative(root: Path, output: Path | None) -> str:
    """From the page's folder to the root, as the beginning of a relative address."""
    if output is None:
        return f"{root.as_uri()}/"
    way = Path(os.path.relpath(root, output.resolve().parent)).as_posix()
    return "" if way == "." else f"{quote(way, safe='/')}/"


def _write(content: str, output: Path | None) -> None:
    if output is None:
        click.echo(content, nl=False, color=True)
        return
    try:
        output.write_text(content, "utf-8")
    except OSError as error:
        message = f"--output {output}: {error.strerror or error}"
        raise UsageError(message) from None
