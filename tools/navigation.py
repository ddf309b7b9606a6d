"""The navigation of the documentation site: which page stands where. A page that is not named here goes to the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lintkit.rules._rule import Rule

SECTIONS: dict[str, dict[str, str]] = {
    "Use": {
        "Install": "install.md",
        "Set up": "init.md",
        "Fixes": "fixes.md",
        "Pre-commit": "pre-commit.md",
        "Pull requests": "pull-requests.md",
        "Baseline": "baseline.md",
        "Editors": "editors.md",
        "VS Code": "editors/vscode.md",
        "Neovim": "editors/neovim.md",
        "Helix": "editors/helix.md",
        "Write an app": "new.md",
        "Blueprints": "blueprints.md",
        "The graph": "graph.md",
        "What a merge changes": "diff.md",
        "Ask a cluster": "verify.md",
        "Probes": "probes.md",
        "The example": "example.md",
    },
    "Rules": {},
    "Configure": {
        "Configuration": "configuration.md",
        "Conventions of a house": "house-rules.md",
        "Rules of your own": "custom-rules.md",
        "Schemas": "schemas.md",
        "Import schemas": "schema-store.md",
        "Helm values": "helm-values.md",
        "Chart profiles": "chart-profiles.md",
        "Secret rotation": "secret-rotation.md",
    },
    "Reference": {
        "Output and exit codes": "output.md",
        "Certain or silent": "certainty.md",
        "As a library": "library.md",
        "Plugins": "plugins.md",
        "The cache": "cache.md",
        "One run": "run.md",
        "Shapes of repositories": "shapes.md",
        "Real repositories": "corpus.md",
        "Benchmarks": "benchmarks.md",
        "Tests against real components": "e2e.md",
    },
}
LAST = "Reference"


def navigation(docs: Path, rules: tuple[Rule, ...]) -> str:
    """The part `nav` of mkdocs.yml."""
    lines = ["nav:", "  - Home: index.md"]
    named = {"index.md", "rules.md", *(page for pages in SECTIONS.values() for page in pages.values())}
    for section, pages in SECTIONS.items():
        lines.append(f"  - {section}:")
        if section == "Rules":
            lines += _rules(rules)
        lines += [f"      - {title}: {page}" for title, page in pages.items() if (docs / page).is_file()]
        if section == LAST:
            lines += _others(docs, named)
    return "\n".join(lines) + "\n"


def _rules(rules: tuple[Rule, ...]) -> Iterator[str]:
    yield "      - All rules: rules.md"
    category = ""
    for rule in rules:
        if rule.category != category:
            category = rule.category
            yield f"      - {category}:"
        yield f"          - {rule.name}: rules/{rule.name}.md"


def _others(docs: Path, named: set[str]) -> Iterator[str]:
    for path in sorted(docs.glob("*.md")):
        if path.name not in named:
            yield f"      - {path.name}"
    decisions = sorted((docs / "decisions").glob("*.md"))
    if decisions:
        yield "      - Decisions:"
        yield from (f"          - decisions/{path.name}" for path in decisions)
