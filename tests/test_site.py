"""The documentation site: it builds without a warning, every page is found, and it reads well in a browser."""

from __future__ import annotations

import functools
import http.server
import json
import re
import shutil
import subprocess
import sys
import threading
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from lintkit.rules._rule import all_rules
from tests.documents import ROOT
from tests.graph import browser

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DOCS = ROOT / "docs"
SOURCES = "https://github.com/lintkit/lintkit/"
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"^( *)(```+).*?^\1\2$|(`+)[^`].*?\3", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def links(path: Path) -> Iterator[str]:
    """The targets of the links of a page, without those in code."""
    text = re.sub(r"(?s)```.*?\n *```", "", path.read_text("utf-8"))
    yield from _LINK.findall(text)


def anchors(path: Path) -> set[str]:
    """The names of a page's headings, as both GitHub and the site write them."""
    headings = _HEADING.findall(_CODE.sub(lambda found: found[0] if found[3] else "", path.read_text("utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))], ids=str)
def test_a_link_leads_somewhere(path: Path) -> None:
    for link in links(path):
        target, _, anchor = unquote(link).partition("#")
        if target.startswith(SOURCES):
            assert (ROOT / target.removeprefix(SOURCES).split("/", 2)[2]).exists(), link
        if re.match(r"[a-z]+:", target):
            continue
        there = (path.parent / target).resolve() if target else path
        assert there.exists(), link
        assert not path.is_relative_to(DOCS) or there.is_relative_to(DOCS), (
            f"{link} is not on the site; name it as {SOURCES}"
        )
        if anchor and there.suffix == ".md":
            assert anchor in anchors(there), link


def test_every_page_stands_in_the_navigation() -> None:
    listed = re.findall(r"^ +- (?:[^:\n]+: )?(\S+\.md)$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make site` does."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(ROOT / "mkdocs.yml", folder)
    shutil.copytree(DOCS, folder / "docs")
    done = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--clean", "--strict"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No issues found" in done.stdout + done.stderr
    return folder / "site"


@pytest.mark.slow
def test_the_site_has_every_page_and_finds_every_rule(site: Path) -> None:
    for path in DOCS.rglob("*.md"):
        inside = path.relative_to(DOCS).with_suffix("")
        assert (site / ("" if inside.name == "index" else inside) / "index.html").is_file(), inside
    index = json.loads((site / "search.json").read_text("utf-8"))
    titles = {item["title"] for item in index["items"]}
    assert {rule.name for rule in all_rules()} <= titles
    assert (site / "schemas" / "configuration.json").is_file()


# the search stands in a tree of its own
_INSIDE = "[...document.querySelectorAll('*')].map(one => one.shadowRoot).filter(Boolean)"


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def address(site: Path) -> Iterator[str]:
    """Where the site is served."""
    handler = functools.partial(_Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.mark.slow
@pytest.mark.skipif(browser.find() is None, reason="no Chromium is here")
@pytest.mark.parametrize(("size", "dark"), [((1400, 900), False), ((1400, 900), True), ((390, 844), False)])
def test_pages_fit_ask_nobody_and_can_be_searched(
    address: str, tmp_path: Path, size: tuple[int, int], dark: bool
) -> None:
    program = browser.find()
    assert program is not None
    with browser.Browser(program, tmp_path / "profile", size, dark=dark) as page:
        for where in ("", "rules/", "rules/worker-without-database/", "configuration/", "plugins/", "pull-requests/"):
            page.events.clear()
            page.call("Page.navigate", url=f"{address}{where}")
            page.until("document.readyState === 'complete' && document.querySelector('article h1') !== null")
            assert page.run("document.documentElement.scrollWidth <= window.innerWidth"), where
            assert page.complaints() == []
            assert [one for one in page.requested() if not one.startswith((address, "data:"))] == []
        shade = page.run("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).map(Number)")
        assert (sum(shade) < 3 * 128) == dark
        page.run("document.querySelector('.md-search__button').click()")
        page.until(f"{_INSIDE}.some(root => root.querySelector('dialog[open] [role=combobox]') !== null)")
        page.type("tag that moves")
        page.until(f"{_INSIDE}.some(root => root.querySelector('[role=listbox] a[href*=mutable-image-tag]') !== null)")
