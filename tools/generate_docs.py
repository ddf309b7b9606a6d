"""Writes what is made from the code: pages and table of rules, schema and tables of options, help, manual, completions.

    python tools/generate_docs.py [--check]

`--check` writes nothing, names what is stale, and ends with 1 when something is. In pages that people write, what
stands between `<!-- generated: NAME -->` and `<!-- end -->` is replaced.
"""

from __future__ import annotations

import dataclasses
import json
import re
import sys
import typing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from lintkit import configuration
from lintkit.cli.main import COMMANDS, lintkit
from lintkit.cli.rule import page
from lintkit.options import Options
from lintkit.rules._rule import all_rules
from lintkit.verify.probes._probe import all_probes

sys.path.insert(0, str(Path(__file__).parent))
import blueprints
from manual import completions, manual
from navigation import navigation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.rules._rule import Rule

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
RULES = DOCS / "rules"
SHARE = ROOT / "share"
_PAGES = {
    "check": "output.md",
    "check --fix": "fixes.md",
    "check --changed-since REF": "pull-requests.md",
    "baseline": "baseline.md",
    "cache": "cache.md",
    "diff": "diff.md",
    "graph": "graph.md",
    "init": "init.md",
    "new": "new.md",
    "rule": "rules.md",
    "schemas": "schema-store.md",
    "server": "editors.md",
    "verify": "verify.md",
}
_BLOCK = re.compile(r"(?P<begin><!-- generated: (?P<name>[\w-]+) -->\n).*?(?P<end><!-- end -->)", re.DOTALL)
_NAV = "# what follows is written by `make docs`\n"
_FENCE = re.compile(r"^```(\w+) (\S+)$", re.MULTILINE)


def main(arguments: list[str]) -> None:
    """Write everything, or with `--check` name what is stale."""
    wanted = generated()
    stale = [path for path, text in wanted.items() if not path.is_file() or path.read_text("utf-8") != text]
    gone = [path for path in RULES.glob("*.md") if path not in wanted]
    if "--check" in arguments:
        for path in stale + gone:
            print(f"{path.relative_to(ROOT)} is stale; `make docs` writes it")
        sys.exit(bool(stale or gone))
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path], "utf-8")
    for path in gone:
        path.unlink()


def generated() -> dict[Path, str]:
    """Path -> what it should say."""
    rules = all_rules()
    pages = {RULES / f"{rule.name}.md": rule_page(rule) for rule in rules}
    examples, sections = blueprints.generated()
    pages.update(examples)
    blocks = {"rules": rule_table(rules), "options": option_tables(), "blueprints": sections, "probes": probe_pages()}
    blocks["commands"] = command_table()
    blocks |= {f"{name}-help": help_of(name) for name in ("check", "new", "verify")}
    names = ("rules", "configuration", "blueprints", "new", "probes", "verify")
    for path in [ROOT / "README.md", *(DOCS / f"{name}.md" for name in names)]:
        text = path.read_text("utf-8")
        pages[path] = _BLOCK.sub(lambda found: f"{found['begin']}{blocks[found['name']]}{found['end']}", text)
    site = (ROOT / "mkdocs.yml").read_text("utf-8")
    pages[ROOT / "mkdocs.yml"] = f"{site.partition(_NAV)[0]}{_NAV}{navigation(DOCS, rules)}"
    pages[DOCS / "schemas" / "configuration.json"] = schema(rules)
    pages[SHARE / "man" / "man1" / "lintkit.1"] = manual()
    pages.update((SHARE / path, script) for path, script in completions())
    return pages


def rule_page(rule: Rule) -> str:
    """A rule's page, with the path of each file above it, where a reader of HTML sees it."""
    text = _FENCE.sub(lambda found: f"`{found[2]}`:\n\n```{found[1]}", page(rule))
    return f"{text}\n[All rules](../rules.md)\n"


def rule_table(rules: tuple[Rule, ...]) -> str:
    """All rules, by category."""
    lines: list[str] = []
    category = ""
    for rule in rules:
        if rule.category != category:
            category = rule.category
            lines += [f"\n## {category}", "", "| rule | severity | what it finds |", "|---|---|---|"]
        severity = f"{rule.severity}" if rule.on_by_default else f"{rule.severity}, off by default"
        summary = rule.summary.replace("|", "\\|")
        lines.append(f"| [{rule.name}](rules/{rule.name}.md) | {severity} | {summary} |")
    return "\n".join(lines) + "\n"


def probe_pages() -> str:
    """Every probe: what it asks, and the rights it needs."""
    lines: list[str] = []
    group = ""
    for probe in all_probes():
        if probe.group != group:
            group = probe.group
            lines += [f"\n## {group}"]
        lines += [f"\n### {probe.name}", "", probe.text, ""]
        rights = ", ".join(f"`{resource}`" for _, resource, _ in probe.rights)
        parts = [f"*Rights*: {rights}."] * bool(rights) + ["Runs a command in a container."] * probe.executes
        lines += [" ".join(parts)] * bool(parts)
    return "\n".join(lines).lstrip("\n") + "\n"


def schema(rules: tuple[Rule, ...]) -> str:
    """The JSON Schema of the configuration, with the names of rules for an editor to offer."""
    names = sorted({rule.name for rule in rules})
    whole = configuration.json_schema()
    whole["$defs"] = {
        "rule": {"enum": names},
        "selector": {"enum": ["all", *sorted({rule.category for rule in rules}), *names]},
    }
    properties = whole["properties"]
    selector = {"$ref": "#/$defs/selector"}
    for name in ("select", "extend-select"):
        properties[name]["items"] = selector
    entry, _ = properties["ignore"]["items"]["anyOf"]
    entry["properties"]["rule"] = {
        "description": entry["properties"]["rule"]["description"],
        "anyOf": [{"$ref": "#/$defs/rule"}, {"const": "*"}],
    }
    properties["ignore"]["items"]["anyOf"] = [entry, selector]
    properties["severity"]["propertyNames"] = {"$ref": "#/$defs/rule"}
    return json.dumps(whole, indent=2) + "\n"


def option_tables() -> str:
    """Every option, and below it a table for each structure that options hold."""
    lines: list[str] = []
    for cls in _structures(Options):
        if cls is not Options:
            summary = (cls.__doc__ or "").strip().splitlines()[0]
            lines += [f"\n### `{_kebab(cls.__name__)}`\n", f"{summary}\n"]
        lines += ["| name | value | meaning |", "|---|---|---|"]
        hints = typing.get_type_hints(cls)
        for one in configuration.fields(cls):
            name = one.name.replace("_", "-")
            needed = " Required." if one.default is dataclasses.MISSING else _default(one.default)
            meaning = f"{one.metadata['help']}{needed}".replace("|", "\\|")
            lines.append(f"| `{name}` | {_type(hints[one.name])} | {meaning} |")
    return "\n".join(lines) + "\n"


def _structures(cls: type) -> Iterator[type]:
    """A class of options, then those that its fields are made of."""
    yield cls
    for hint in typing.get_type_hints(cls).values():
        for inner in _parts(hint):
            if dataclasses.is_dataclass(inner) and isinstance(inner, type):
                yield from _structures(inner)


def _parts(hint: Any) -> Iterator[Any]:  # noqa: ANN401 - a type
    yield hint
    for inner in typing.get_args(hint):
        yield from _parts(inner)


def _default(value: object) -> str:
    if value in {None, "", ()} or dataclasses.is_dataclass(value):
        return ""
    shown = str(value).lower() if isinstance(value, bool) else value
    return f" Default: `{shown}`."


def _type(hint: Any) -> str:  # noqa: ANN401 - a type
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple:
        return f"list of {_type(arguments[0])}"
    if origin is dict:
        return f"mapping to {_type(arguments[1])}"
    if origin is typing.Literal:
        return " or ".join(f"`{value}`" for value in arguments)
    if arguments:
        return " or ".join(_type(one) for one in arguments if one is not type(None))
    if dataclasses.is_dataclass(hint):
        return f"[`{_kebab(hint.__name__)}`](#{_kebab(hint.__name__)})"
    return {str: "text", bool: "true or false", int: "whole number"}[hint]


def _kebab(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def command_table() -> str:
    """Every command in a line, with its page."""
    more = {
        "check --fix": "make the fixes that keep what is meant; `--unsafe-fixes` the others too",
        "check --changed-since REF": "only what a change added",
    }
    lines = ["| command | what it does | |", "|---|---|---|"]
    for name, text in sorted((COMMANDS | more).items()):
        page = _PAGES.get(name, "")
        link = f"[{page.removesuffix('.md')}](docs/{page})" if page and (DOCS / page).is_file() else ""
        lines.append(f"| `lintkit {name}` | {text} | {link} |")
    return "\n".join(lines) + "\n"


def help_of(command: str) -> str:
    """What `lintkit COMMAND --help` prints, at a width of 100."""
    result = CliRunner().invoke(lintkit, [command, "--help"], prog_name="lintkit", terminal_width=100)
    return f"```\n{result.output.strip()}\n```\n"


if __name__ == "__main__":
    main(sys.argv[1:])
