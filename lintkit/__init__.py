"""A linter and generator for GitOps repositories that Flux applies to Kubernetes.

The public names are those in `__all__`; docs/library.md shows them at work. What is imported from deeper down may
change with any release. A name is imported when it is first asked for, so that `import lintkit` costs nothing.
"""

TYPE_CHECKING = False  # `typing` is not imported for it; type checkers know the name
if TYPE_CHECKING:
    from lintkit.configuration import load as load_options
    from lintkit.engine import check
    from lintkit.errors import (
        BrokenRuleError,
        ClusterError,
        ConfigurationError,
        LintkitError,
        NothingLintedError,
        PluginError,
        ToolMissingError,
        UsageError,
        WriteError,
    )
    from lintkit.finding import Applicability, Finding, Fix, Related, Severity, Silenced
    from lintkit.model.resource import Resource
    from lintkit.model.tree import Tree
    from lintkit.options import Options
    from lintkit.outcome import Failure, Report
    from lintkit.report import render as render_report
    from lintkit.rules._rule import Rule, rule
    from lintkit.schema.validation import Validation
    from lintkit.syntax.node import Document, Node, Place
    from lintkit.text.edit import Edit, Span

__version__ = "0.1.0"

__all__ = (
    "Applicability",
    "BrokenRuleError",
    "ClusterError",
    "ConfigurationError",
    "Document",
    "Edit",
    "Failure",
    "Finding",
    "Fix",
    "LintkitError",
    "Node",
    "NothingLintedError",
    "Options",
    "Place",
    "PluginError",
    "Related",
    "Report",
    "Resource",
    "Rule",
    "Severity",
    "Silenced",
    "Span",
    "ToolMissingError",
    "Tree",
    "UsageError",
    "Validation",
    "WriteError",
    "__version__",
    "check",
    "load_options",
    "render_report",
    "rule",
)

_HOMES = {
    "configuration": {"load_options": "load"},
    "engine": ("check",),
    "errors": tuple(name for name in __all__ if name.endswith("Error")),
    "finding": ("Applicability", "Finding", "Fix", "Related", "Severity", "Silenced"),
    "model.resource": ("Resource",),
    "model.tree": ("Tree",),
    "options": ("Options",),
    "outcome": ("Failure", "Report"),
    "report": {"render_report": "render"},
    "rules._rule": ("Rule", "rule"),
    "schema.validation": ("Validation",),
    "syntax.node": ("Document", "Node", "Place"),
    "text.edit": ("Edit", "Span"),
}


def __getattr__(name: str) -> object:
    from importlib import import_module  # noqa: PLC0415 - only where a name is asked for

    for module, names in _HOMES.items():
        if name in names:
            inner = names[name] if isinstance(names, dict) else name
            found: object = getattr(import_module(f"lintkit.{module}"), inner)
            globals()[name] = found
            return found
    message = f"module `lintkit` has no attribute `{name}`"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
