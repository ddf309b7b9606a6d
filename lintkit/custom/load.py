"""Rule files -> rules as the engine knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.configuration import decode_as, mistake
from lintkit.custom.spec import Spec
from lintkit.errors import ConfigurationError, ToolMissingError
from lintkit.finding import Severity
from lintkit.rules._rule import Rule
from lintkit.syntax.node import Mapping, Scalar
from lintkit.syntax.parser import parse
from lintkit.text.source import Source, decode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from lintkit.finding import Finding
    from lintkit.model.tree import Tree

FOLDER = ".lintkit/rules"
CATEGORY = "custom"
MAX_RULES = 200
LEAST_STEPS, MOST_STEPS, ALL_STEPS = 1_000_000, 10_000_000, 100_000_000
"""What a rule may take for all objects together: its part of what all rules may take."""
MISSING = "custom rules need the package cel-python: pip install 'lintkit[cel]'"


def load(root: Path, known: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """The rules of a repository, sorted by name.

    Args:
        root: Root of the tree.
        known: Rules whose names are taken.

    Raises:
        ConfigurationError: A file cannot be read, says something that cannot be, or takes a name that is taken.
    """
    folder = root / FOLDER
    if not folder.is_dir():
        return ()
    if folder.is_symlink() or folder.parent.is_symlink():
        message = "is a link; links are not followed"
        raise ConfigurationError(message, FOLDER)
    taken = {rule.name: rule.origin or "built in" for rule in known}
    taken |= dict.fromkeys(("all", CATEGORY, *(rule.category for rule in known)), "a category")
    found: list[tuple[Spec, Mapping]] = []
    for path in sorted(folder.iterdir()):
        if path.suffix not in {".yaml", ".yml"}:
            continue
        for spec, node in _read(path, f"{FOLDER}/{path.name}"):
            if spec.name in taken:
                message = f"the name `{spec.name}` is taken: {taken[spec.name]}"
                raise mistake(message, (node.at("name") or node).place)
            if len(found) == MAX_RULES:
                message = f"there are more than {MAX_RULES} custom rules"
                raise mistake(message, node.place)
            taken[spec.name] = node.source.path
            found.append((spec, node))
    steps = max(LEAST_STEPS, min(MOST_STEPS, ALL_STEPS // max(1, len(found))))
    return tuple(sorted((_rule_of(spec, node, steps) for spec, node in found), key=lambda rule: rule.name))


def _read(path: Path, shown: str) -> Iterator[tuple[Spec, Mapping]]:
    if path.is_symlink() or not path.is_file():
        message = "is no file; links are not followed"
        raise ConfigurationError(message, shown)
    try:
        text, broken = decode(path.read_bytes())
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        raise ConfigurationError(message, shown) from error
    source = Source(shown, text)
    if broken is not None:
        message = "is not valid UTF-8"
        raise ConfigurationError(message, shown, source.position(broken)[0])
    stream = parse(source)
    defects = [stream.error] if stream.error else [one for part in stream.documents for one in part.defects]
    for defect in defects:
        raise mistake(defect.message, defect.place)
    for document in stream.documents:
        root = document.root
        if root is None or (isinstance(root, Scalar) and root.is_null):
            continue
        if not isinstance(root, Mapping):
            message = "a rule is a mapping with `name`, `summary` and `expression`"
            raise mistake(message, root.place)
        yield decode_as(root, Spec), root


def _rule_of(spec: Spec, node: Mapping, steps: int) -> Rule:
    """A rule file as a rule."""
    return Rule(
        name=spec.name,
        category=CATEGORY,
        severity=Severity[spec.severity.upper()],
        since="",
        scope="Tree",
        check=_check_of(spec, node, steps),
        wants_options=False,
        kinds=frozenset(),
        on_by_default=spec.enabled,
        docstring=_docs(spec),
        origin=node.source.path,
    )


def _check_of(spec: Spec, node: Mapping, steps: int) -> Callable[[Tree], Iterator[Finding]]:
    def check(tree: Tree) -> Iterator[Finding]:
        try:
            from lintkit.custom.judge import Judge  # noqa: PLC0415 - expressions are slow to import, and few runs need them

            judge = Judge(spec, node, steps)
        except ImportError as error:
            raise ToolMissingError(MISSING) from error
        yield from judge.findings(tree)

    return check


def _docs(spec: Spec) -> str:
    parts = [" ".join(spec.summary.split())]
    if spec.why:
        parts.append(f"## Why\n{spec.why.strip()}")
    parts.append(f"## Must be true\n```cel\n{spec.expression.strip()}\n```")
    for heading, files in (("Bad", spec.examples.bad), ("Good", spec.examples.good)):
        if files:
            blocks = (f"```yaml {path}\n{text.rstrip()}\n```" for path, text in files.items())
            parts.append(f"## {heading}\n" + "\n".join(blocks))
    return "\n\n".join(parts)
