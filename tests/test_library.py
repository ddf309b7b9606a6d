"""lintkit as a library: its names, its types, and what an import of it costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import lintkit
from tests.documents import ROOT, blocks, tree


def python(code: str) -> str:
    """What a program prints, in a fresh interpreter."""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stderr, done.returncode) == ("", 0)
    return done.stdout


def test_every_public_name_is_there() -> None:
    for name in lintkit.__all__:
        assert getattr(lintkit, name) is not None
    assert set(lintkit.__all__) <= set(dir(lintkit))
    assert list(lintkit.__all__) == sorted(lintkit.__all__)


def test_type_checkers_see_the_same_names() -> None:
    (typed,) = [
        node
        for node in ast.parse(Path(lintkit.__file__).read_text("utf-8")).body
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name)
    ]
    wanted = {
        (one.asname or one.name, node.module, one.name)
        for node in typed.body
        if isinstance(node, ast.ImportFrom)
        for one in node.names
    }
    homes = {
        (name, f"lintkit.{module}", names[name] if isinstance(names, dict) else name)
        for module, names in lintkit._HOMES.items()
        for name in names
    }
    assert wanted == homes
    assert {name for name, *_ in wanted} | {"__version__"} == set(lintkit.__all__)


def test_every_error_is_public() -> None:
    found = [lintkit.LintkitError]
    for one in found:
        found += [error for error in one.__subclasses__() if error.__module__ == "lintkit.errors"]
    assert {one.__name__ for one in found} == {name for name in lintkit.__all__ if name.endswith("Error")}


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match=r"^module `lintkit` has no attribute `chek`$"):
        _ = lintkit.chek  # type: ignore[attr-defined]


def test_an_import_brings_nothing_with_it() -> None:
    code = "import sys; before = set(sys.modules); import lintkit; print(sorted(set(sys.modules) - before))"
    assert python(code) == "['lintkit']\n"


def test_a_name_brings_what_it_needs_alone() -> None:
    code = "import sys, lintkit; lintkit.Severity; print({'click', 'jinja2', 'lintkit.engine'} & set(sys.modules))"
    assert python(code) == "set()\n"


def test_a_report_is_typed(tmp_path: Path) -> None:
    program = (
        "import lintkit\n"
        "report: lintkit.Report = lintkit.check('.', options=lintkit.load_options('.'))\n"
        "text: str = lintkit.render_report(report, 'json')\n"
        "paths: list[str] = [finding.path for finding in report.findings]\n"
        "number: str = report.exit_code\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), "-c", program],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert [line for line in done.stdout.splitlines() if "error" in line] == [
        '<string>:5: error: Incompatible types in assignment (expression has type "int", variable has type "str")  [assignment]',  # noqa: E501 - as mypy says it
        "Found 1 error in 1 file (checked 1 source file)",
    ]


def test_threads_may_check_at_the_same_time(tmp_path: Path) -> None:
    trees = [tree("broken", tmp_path / "broken"), tree("example", tmp_path / "example")] * 2
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lintkit.check, trees))
    assert [[one.rule for one in report.findings] for report in reports] == [
        ["inline-password", "worker-without-database", "mutable-image-tag", "unwanted-sidecar-version"],
        [],
    ] * 2


def test_the_page_names_every_public_name_that_is_no_error() -> None:
    page = (ROOT / "docs" / "library.md").read_text("utf-8")
    assert list(blocks(page))
    missing = [name for name in lintkit.__all__ if not name.endswith("Error") and f"`{name}" not in page]
    assert missing == ["__version__"]
