"""What is made from the blueprints: an example of the output of each, and their page."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from lintkit import configuration
from lintkit.cli.new import example
from lintkit.fix.patch import patch
from lintkit.generate.blueprint import EXAMPLE, Blueprint, load, names
from lintkit.generate.plan import Plan, Request, defaults, plan
from lintkit.generate.questions import shown

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"
SOURCES = "https://github.com/lintkit/lintkit/blob/main"
_REMOTE = "https://github.com/lintkit/lintkit"


def repository(base: Path) -> Path:
    """A copy of `kubernetes/`, which the examples are added to, as a repository of its own."""
    (base / ".git").mkdir(parents=True)
    (base / ".git" / "config").write_text(f'[remote "origin"]\n\turl = {_REMOTE}\n', "utf-8")
    shutil.copytree(ROOT / "kubernetes", base / "kubernetes")
    return base


def made(blueprint: Blueprint, root: Path) -> Plan:
    """What the example of a blueprint writes."""
    one = blueprint.example
    return plan(root, Request(blueprint.name, one.name, one.namespace, one.answers), configuration.load(root))


def generated() -> tuple[dict[Path, str], str]:
    """Path -> text of all files of examples, and the part of the page below its first lines."""
    files: dict[Path, str] = {}
    parts: list[str] = []
    with tempfile.TemporaryDirectory(prefix="lintkit-") as name:
        root = repository(Path(name) / "home")
        for one in sorted(names(root)):
            blueprint = load(one, root)
            result = made(blueprint, root)
            files[TEMPLATES / one / EXAMPLE] = patch(result.changes)
            parts.append(_section(blueprint, root))
    return files, "\n".join(parts)


def _section(blueprint: Blueprint, root: Path) -> str:
    namespace, values = defaults(root, blueprint)
    lines = [f"## {blueprint.name}", "", f"{blueprint.title}."]
    if blueprint.description:
        lines += ["", blueprint.description.strip()]
    if blueprint.needs:
        lines += [
            "",
            f"Made first where the tree has none: {', '.join(f'`{one.blueprint}`' for one in blueprint.needs)}.",
        ]
    if namespace and "vector" not in blueprint.name:
        lines += ["", f"Namespace where none is given: `{namespace}`, or what the tree shows."]
    if blueprint.questions:
        lines += ["", "| question | type | default in the example | meaning |", "|---|---|---|---|"]
    for question in blueprint.questions:
        kind = ", ".join(f"`{one}`" for one in question.enum) or question.type
        default = shown(values[question.name])
        meaning = question.description.replace("|", "\\|")
        lines.append(f"| `{question.name}` | {kind} | {f'`{default}`' if default else 'empty'} | {meaning} |")
    lines += ["", "```sh", example(blueprint), "```", ""]
    lines.append(f"[What that writes]({SOURCES}/templates/{blueprint.name}/{EXAMPLE}), as a patch.")
    return "\n".join(lines) + "\n"
