"""The shape of the package: who may import whom, how long a module may be, and what a rule is made of."""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from lintkit.rules._rule import Rule, all_rules
from tests.rules.examples import read_files

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "lintkit"
MODULES = sorted(PACKAGE.rglob("*.py"))
RULES = all_rules()

# A part imports only what stands before it.
LAYERS = (
    "errors", "options", "resources", "plugins",  # what everybody may use
    "text", "syntax", "configuration", "collect", "cel", "model", "schema", "fetch", "finding", "suppress",
    "fingerprint", "baseline", "rules", "custom", "outcome", "render", "report", "engine", "changes", "watch", "fix",
    "graph", "generate", "verify", "diff", "server", "cli", "__main__",
)  # fmt: skip

# Only as types, never at run time: the engine hands rules to what silences their findings.
TYPES_ALONE = {("suppress", "rules")}

LONGEST = 400
DEEPEST = 3
BANNED = {"util", "utils", "helper", "helpers", "manager", "managers", "misc", "common"}


class Import(NamedTuple):
    """One import of another part of the package."""

    of: str
    line: int
    is_type: bool


def imports(path: Path) -> Iterator[Import]:
    """The parts of lintkit that a module imports, wherever in the module it does."""
    yield from _imports(ast.parse(path.read_text("utf-8")), is_type=False)


def _imports(node: ast.AST, *, is_type: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        names: list[str] = []
        if isinstance(child, ast.ImportFrom):
            assert child.level == 0, "imports are absolute"
            module = child.module or ""
            names = [f"{module}.{alias.name}" for alias in child.names] if module == "lintkit" else [module]
        elif isinstance(child, ast.Import):
            names = [alias.name for alias in child.names]
        for name in names:
            first, _, rest = name.partition(".")
            if first == "lintkit" and rest and rest != "__version__":
                yield Import(rest.partition(".")[0], child.lineno, is_type)
        inside = is_type or (
            isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING"
        )
        yield from _imports(child, is_type=inside)


def part(path: Path) -> str:
    """The part of the package that a module belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def ident(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_every_part_has_its_layer() -> None:
    parts = {part(path) for path in MODULES} - {"__init__"}
    assert parts <= set(LAYERS), f"no layer for {sorted(parts - set(LAYERS))}"


def test_the_page_of_a_run_lists_the_layers_in_order() -> None:
    table = (ROOT / "docs" / "run.md").read_text("utf-8").partition("| part | knows |")[2].partition("\n\n")[0]
    cells = "".join(row.split("|")[1] for row in table.splitlines() if row.startswith("| `"))
    assert re.findall(r"`([^`]+)`", cells) == [layer for layer in LAYERS if layer != "__main__"]


def test_only_the_command_for_schemas_reaches_the_network() -> None:
    outside = [
        ident(path) for path in MODULES if part(path) != "fetch" and any(one.of == "fetch" for one in imports(path))
    ]
    assert outside == ["lintkit/cli/schemas.py"]


def test_a_module_imports_only_what_stands_above_it() -> None:
    wrong = [
        f"{ident(path)}:{one.line} imports {one.of}"
        for path in MODULES
        if (here := part(path)) != "__init__"
        for one in imports(path)
        if LAYERS.index(one.of) > LAYERS.index(here) and not (one.is_type and (here, one.of) in TYPES_ALONE)
    ]
    assert wrong == []


def test_modules_are_short() -> None:
    assert [ident(path) for path in MODULES if len(path.read_text("utf-8").splitlines()) > LONGEST] == []


def test_modules_are_well_placed_and_named() -> None:
    for path in MODULES:
        where = path.relative_to(PACKAGE)
        assert len(where.parts) <= DEEPEST, ident(path)
        assert not BANNED & {name.removesuffix(".py").strip("_") for name in where.parts}, ident(path)


def test_the_layers_are_told_apart(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        "from typing import TYPE_CHECKING\nfrom lintkit import engine, __version__\n"
        "if TYPE_CHECKING:\n    from lintkit.cli.main import main\ndef f():\n    import lintkit.rules._rule\n",
        "utf-8",
    )
    assert list(imports(module)) == [Import("engine", 2, False), Import("cli", 4, True), Import("rules", 6, False)]


def test_only_known_modules_start_programs_or_open_connections() -> None:
    """`check` executes nothing and asks nobody: that belongs to `render`, `verify` and `fetch`."""
    for path in MODULES:
        if part(path) in {"render", "verify", "fetch"}:
            continue
        if path != PACKAGE / "cli" / "schemas.py":
            assert "fetch" not in {one.of for one in imports(path)}, ident(path)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = {alias.name for alias in node.names} if isinstance(node, ast.Import | ast.ImportFrom) else set()
            if isinstance(node, ast.ImportFrom):
                names.add(node.module or "")
            assert not {"subprocess", "socket", "pickle", "urllib.request", "http.client"} & names, ident(path)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_is_its_file_and_its_function(rule: Rule) -> None:
    path = PACKAGE / "rules" / rule.category / f"{rule.check.__name__}.py"
    assert path.is_file()
    assert rule.name == rule.check.__name__.replace("_", "-")
    public = [
        node.name
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and rule_like(node)
    ]
    assert public == [rule.check.__name__]


def rule_like(node: ast.FunctionDef | ast.ClassDef) -> bool:
    """Whether a definition is decorated with `@rule(...)`."""
    return any(
        isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id == "rule"
        for one in node.decorator_list
    )


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_has_its_docs(rule: Rule) -> None:
    assert rule.summary.endswith(".")
    assert list(rule.sections())[:1] == ["Why"]
    assert {"Why", "Bad", "Good"} <= set(rule.sections())
    assert rule.section("Why").strip()
    for heading in ("Bad", "Good"):
        files, marks = read_files(rule.section(heading))
        assert files, f"{heading} shows no file"
        assert bool(marks) == (heading == "Bad"), f"{heading} marks {marks}"


def test_rules_have_names_of_their_own() -> None:
    names = sorted([rule.name for rule in RULES] + sorted({rule.category for rule in RULES}))
    assert [one for one, next_one in pairwise(names) if one == next_one] == []


def test_more_examples_are_named_after_rules() -> None:
    known = {rule.name for rule in RULES}
    more = {path.stem for path in (ROOT / "tests" / "rules").glob("*.md")}
    assert more <= known, f"tests/rules has cases of no rule: {sorted(more - known)}"
