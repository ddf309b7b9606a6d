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
    taken = {rule.name: "built in" for rule in known}
    taken |= dict.fromkeys(("all", CATEGORY, *(rule.category for rule in known)), "a category")
    found: list[Rule] = []
    for path in sorted(folder.iterdir()):
        if path.suffix in {".yaml", ".yml"}:
            for rule, node in _read(path, f"{FOLDER}/{path.name}"):
                if rule.name in taken:
                    message = f"the name `{rule.name}` is taken: {taken[rule.name]}"
                    raise mistake(message, (node.at("name") or node).place)
                taken[rule.name] = rule.origin
                found.append(rule)
    return tuple(sorted(found, key=lambda rule: rule.name))


def _read(path: Path, shown: str) -> Iterator[tuple[Rule, Mapping]]:
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
        yield rule_of(decode_as(root, Spec), root), root


def rule_of(spec: Spec, node: Mapping) -> Rule:
    """A rule file as a rule."""
    return Rule(
        name=spec.name,
        category=CATEGORY,
        severity=Severity[spec.severity.upper()],
        since="",
        scope="Tree",
        check=_check_of(spec, node),
        wants_options=False,
        kinds=frozenset(),
        on_by_default=spec.enabled,
        docstring=_docs(spec),
        origin=node.source.path,
    )


def _check_of(spec: Spec, node: Mapping) -> Callable[[Tree], Iterator[Finding]]:
    def check(tree: Tree) -> Iterator[Finding]:
        try:
            from lintkit.custom.judge import Judge  # noqa: PLC0415 - expressions are slow to import, and few runs need them

            judge = Judge(spec, node)
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
