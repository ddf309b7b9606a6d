"""A blueprint and answers -> files and edits, judged before anything is written."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lintkit import configuration, engine
from lintkit.collect.repository import Repository
from lintkit.errors import LintkitError, NothingLintedError, UsageError
from lintkit.finding import Severity
from lintkit.fix.loop import Change
from lintkit.fix.write import write
from lintkit.generate.app import Writer
from lintkit.generate.blueprint import Question, load
from lintkit.generate.found import Found
from lintkit.generate.picture import Picture
from lintkit.generate.pieces import Pieces
from lintkit.generate.questions import answered
from lintkit.generate.render import Renderer
from lintkit.generate.sidecar import add_sidecar
from lintkit.generate.style import style_of
from lintkit.generate.words import words
from lintkit.model.tree import Tree
from lintkit.render import kustomize

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from lintkit.engine import Report
    from lintkit.finding import Finding
    from lintkit.generate.blueprint import Blueprint, Chart
    from lintkit.options import Options

NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,51}[a-z0-9])?")
"""Names of apps: names of objects, with room for what charts add."""
_DEEPEST = 5


class RefusedError(LintkitError):
    """The new files would bring findings, or do not build; nothing was written."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for.

    Attributes:
        blueprint: Name of the blueprint.
        name: Name of the new thing.
        namespace: Its namespace; empty for the blueprint's own choice.
        answers: Answers that are given.
        ask: Asks a person for an answer, with its default; None where there is nobody.
    """

    blueprint: str
    name: str
    namespace: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    ask: Callable[[Question, Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be written.

    Attributes:
        root: Root of the tree.
        changes: Path -> before and after.
        items: 1Password item -> fields that must exist.
        notes: What to do next, one text for each blueprint.
        folders: New folders with a kustomization.
        made: `blueprint name`, in the order they are made.
    """

    root: Path
    changes: Mapping[str, Change]
    items: Mapping[str, list[str]]
    notes: tuple[str, ...]
    folders: tuple[str, ...]
    made: tuple[str, ...]

    @property
    def overlay(self) -> dict[str, str]:
        """Path -> text."""
        return {path: change.after for path, change in self.changes.items()}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judges say of a plan.

    Attributes:
        findings: New findings that make a run fail.
        infos: New findings that say what files alone cannot know.
        broken: Folder -> why kustomize does not build it.
        was_built: Whether kustomize was there.
    """

    findings: tuple[Finding, ...]
    infos: tuple[Finding, ...]
    broken: Mapping[str, str]
    was_built: bool

    def lines(self) -> list[str]:
        """What speaks against the plan; empty when nothing does."""
        found = [f"{one.path}:{one.position[0]}: {one.message} [{one.rule}]" for one in self.findings]
        return found + [f"{folder}: does not build: {why}" for folder, why in sorted(self.broken.items())]


class _Maker:
    def __init__(self, root: Path, options: Options) -> None:
        self.root = root
        self.options = options
        self.picture = Picture(Repository.open(root, exclude=options.exclude))
        self.items: dict[str, list[str]] = {}
        self.notes: list[str] = []
        self.made: list[str] = []

    def make(self, request: Request, depth: int = 0) -> None:
        """Write one blueprint into the picture, after those that it needs."""
        _check_names(request)
        if depth > _DEEPEST:
            message = f"the blueprint `{request.blueprint}` needs itself"
            raise UsageError(message)
        blueprint = load(request.blueprint, self.root, self.options.plugins)
        base = str(request.answers.get("base", "")).strip("/")
        pieces, renderer, answers = self.rendering(blueprint, request, base)
        request = replace(request, namespace=renderer.text("[[ namespace ]]"))
        if blueprint.apps and not pieces.found.tree.written:
            message = "this tree has no manifest yet; `lintkit new cluster NAME` makes the entry point of a cluster"
            raise UsageError(message)
        for need in blueprint.needs:
            if renderer.holds(need.when):
                given = {"base": base} if base else {}
                self.make(Request(need.blueprint, renderer.text(need.name), renderer.text(need.namespace), given),
                          depth + 1)  # fmt: skip
        if blueprint.needs:
            pieces, renderer, answers = self.rendering(blueprint, request, base, answers)
        writer = Writer(self.picture, pieces, renderer)
        if base and not writer.layout.is_found and not self.picture.has_folder(base):
            message = f"`base`: there is no folder `{base}`"
            raise UsageError(message)
        for app in blueprint.apps:
            writer.app(app)
        for file in blueprint.files:
            writer.file(file)
        for sidecar in blueprint.sidecars:
            add_sidecar(sidecar, self.picture, pieces, renderer)
        if blueprint.folder == "namespace":
            writer.new_namespace(request.name)
        for item, fields in pieces.items.items():
            self.items.setdefault(item, []).extend(one for one in fields if one not in self.items.get(item, []))
        if blueprint.notes:
            self.notes.append(renderer.text(blueprint.notes).strip())
        self.made.append(f"{blueprint.name} {request.name}")

    def rendering(
        self, blueprint: Blueprint, request: Request, base: str, answers: Mapping[str, Any] | None = None
    ) -> tuple[Pieces, Renderer, Mapping[str, Any]]:
        """The parts and templates of a blueprint, for the tree as it is by now."""
        repository = Repository.open(self.root, exclude=self.options.exclude, overlay=self.picture.overlay)
        tree = Tree(repository, self.options, engine.git_remote(self.root))
        self.picture.follow(repository)
        style = style_of(tree, base)
        found = Found(tree, style.layout)
        pieces = Pieces(style, found, blueprint.charts)
        values = words(pieces, request.name)

        def renderer(more: Mapping[str, Any]) -> Renderer:
            return Renderer(blueprint.where, blueprint.texts, {**values, **more}, is_own=blueprint.is_own)

        first = renderer({"namespace": request.namespace})
        values["namespace"] = pieces.namespace = request.namespace or first.text(blueprint.namespace)
        if request.ask and not request.namespace and blueprint.namespace and answers is None:
            question = Question(name="namespace", description="Namespace", default="", pattern=NAME.pattern)
            values["namespace"] = pieces.namespace = str(request.ask(question, values["namespace"]))
        if answers is None:

            def default(question: Question, so_far: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any YAML value
                if not isinstance(question.default, str):
                    return question.default
                return renderer(_words(so_far)).text(question.default)

            def asks(question: Question, so_far: Mapping[str, Any]) -> bool:
                return renderer(_words(so_far)).holds(question.when)

            answers = answered(blueprint.questions, request.answers, default, request.ask, asks)
        full = renderer(_words(answers))
        pieces.charts = {key: _filled(chart, full) for key, chart in blueprint.charts.items()}
        return pieces, full, answers


def _words(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers by the names that templates use."""
    return {key.replace("-", "_"): value for key, value in answers.items()}


def _filled(chart: Chart, renderer: Renderer) -> Chart:
    """A chart whose places may depend on answers."""
    return replace(
        chart,
        chart=renderer.text(chart.chart),
        version=renderer.text(chart.version),
        repository=renderer.text(chart.repository),
        name=renderer.text(chart.name),
        oci=renderer.text(chart.oci),
    )


def _check_names(request: Request) -> None:
    for what, text in (("name", request.name), ("namespace", request.namespace)):
        if not NAME.fullmatch(text) and (text or what == "name"):
            message = f"`{text}` is no {what}: small letters, digits and dashes, at most 53"
            raise UsageError(message)


def plan(root: Path, request: Request, options: Options | None = None) -> Plan:
    """What a blueprint would write.

    Raises:
        UsageError: The request cannot be met: a wrong answer, a name that is taken.
    """
    maker = _Maker(root, options or configuration.load(root))
    maker.make(request)
    picture = maker.picture
    changes = {path: Change(None, text) for path, text in picture.added.items()}
    before = Repository.open(root, exclude=maker.options.exclude)
    for path, text in picture.changed.items():
        source = before.source(path)
        if source is not None and source.text != text:
            changes[path] = Change(source.text, text)
    folders = {posixpath.dirname(path) for path in changes if posixpath.basename(path).startswith("kustomization.")}
    return Plan(root, changes, maker.items, tuple(maker.notes), tuple(sorted(folders)), tuple(maker.made))


def defaults(root: Path, blueprint: Blueprint, options: Options | None = None) -> tuple[str, dict[str, Any]]:
    """The namespace and the answers that a blueprint takes in a tree where nobody says otherwise."""
    one = blueprint.example
    maker = _Maker(root, options or configuration.load(root))
    pieces, _, answers = maker.rendering(blueprint, Request(blueprint.name, one.name), "")
    return pieces.namespace, dict(answers)


def judge(made: Plan, options: Options | None = None, before: Report | None = None) -> Verdict:
    """Hold a plan against every rule, on the whole tree, and against kustomize where it is at hand.

    Args:
        made: The plan.
        options: Options of the run.
        before: What is wrong with the tree as it is, where that is known.
    """
    options = options or configuration.load(made.root)
    after = engine.check(made.root, root=made.root, options=options, overlay=made.overlay)
    if after.failures:
        message = f"rule {after.failures[0].rule} broke: {after.failures[0].message}"
        raise LintkitError(message)
    findings = list(after.findings)

    def key(finding: Finding) -> tuple[object, ...]:
        # in a file that stays, one that words what it is about anew is the same
        same = finding.position if finding.path not in made.changes else finding.message
        return finding.rule, finding.path, same

    if findings:
        try:
            earlier = before or engine.check(made.root, root=made.root, options=options)
            known = Counter(key(one) for one in earlier.findings)
        except NothingLintedError:
            known = Counter()
        findings = []
        for one in after.findings:
            if known[key(one)] > 0:
                known[key(one)] -= 1
            else:
                findings.append(one)
    limit = min(Severity[options.fail_on.upper()], Severity.WARNING)
    bad = tuple(one for one in findings if (one.severity or Severity.ERROR) >= limit)
    broken = _broken(made, options)
    return Verdict(bad, tuple(one for one in findings if one not in bad), broken, kustomize.binary() is not None)


def _broken(made: Plan, options: Options) -> dict[str, str]:
    """Folders that build no more; those that did not build before are left out."""
    before = Repository.open(made.root, exclude=options.exclude)
    found = kustomize.broken(before, made.overlay, made.folders)
    old = [folder for folder in found if any(path.startswith(f"{folder}/") for path in before.listing.files)]
    known = kustomize.broken(before, {}, old) if old else {}
    return {folder: why for folder, why in found.items() if folder not in known}


def carry_out(made: Plan, verdict: Verdict) -> None:
    """Write a plan, all of it or nothing.

    Raises:
        RefusedError: The verdict is against it.
        WriteError: A file cannot be written.
    """
    if lines := verdict.lines():
        message = "nothing is written, because the new files would bring:\n  " + "\n  ".join(lines)
        raise RefusedError(message)
    for path, change in made.changes.items():
        if change.before is None and (made.root / path).exists():
            message = f"`{path}` exists; nothing is overwritten"
            raise UsageError(message)
    write(made.root, made.overlay)
