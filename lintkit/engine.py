"""One run: files -> tree -> rules -> findings; the only module that sees all of the package.

docs/run.md tells the story of a run from the command line to the exit code.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from lintkit import baseline, configuration, suppress
from lintkit.collect.remote import git_remote as git_remote  # noqa: PLC0414 - `graph` and `generate` ask the engine
from lintkit.collect.repository import Repository, root_of
from lintkit.custom.load import load as load_custom
from lintkit.errors import LintkitError, NothingLintedError, PluginError, UsageError
from lintkit.finding import Finding, Severity
from lintkit.model.cluster import is_archived
from lintkit.model.secrets import sensitive_spans
from lintkit.model.tree import Tree
from lintkit.options import Ignore, Options
from lintkit.outcome import Failure, narrowed
from lintkit.outcome import Report as Report  # noqa: PLC0414 - what the engine makes is asked of the engine
from lintkit.outcome import shown as shown  # noqa: PLC0414 - as above
from lintkit.rules._plugin import rules_of_plugins
from lintkit.rules._rule import Rule, all_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from lintkit.collect.cache import Cache
    from lintkit.collect.past import Past
    from lintkit.schema.validation import Validation
    from lintkit.text.edit import Span

_ABOUT_SECRETS = frozenset({"inline-password", "plaintext-secret"})


def select_rules(options: Options, rules: tuple[Rule, ...] | None = None) -> tuple[Rule, ...]:
    """The rules that the options ask for.

    Raises:
        UsageError: A name on the command line is no rule and no category.
        ConfigurationError: The configuration file names one that is none.
    """
    rules = rules or all_rules()
    names = {rule.name for rule in rules} | {rule.category for rule in rules} | {"all"}
    ignored = {one for one in options.ignore if isinstance(one, str)}
    for name in (*options.select, *options.extend_select, *sorted(ignored), *options.severities):
        if name not in names:
            message = f"`{name}` is no rule and no category{suppress.closest(name, names)}"
            place = options.places.get(name)
            raise configuration.mistake(message, place) if place is not None else UsageError(message)
    known = {rule.name for rule in rules} | {"*"}
    for entry in options.ignore:
        if isinstance(entry, Ignore) and entry.rule not in known:
            message = f"`{entry.rule}` is no rule{suppress.closest(entry.rule, known)}"
            raise configuration.mistake(message, entry.place)

    def named(rule: Rule, wanted: Iterable[str]) -> bool:
        return any(name in {rule.name, rule.category, "all"} for name in wanted)

    return tuple(
        rule
        for rule in rules
        if (named(rule, options.select) if options.select else rule.on_by_default or named(rule, options.extend_select))
        and not named(rule, ignored)
    )


def rules_of(root: Path, plugins: tuple[str, ...] = ()) -> tuple[Rule, ...]:
    """The rules of the package, those of plugins, then those of a repository.

    Raises:
        UsageError: A plugin is not installed.
        ConfigurationError: A rule file of the repository is wrong.
    """
    rules = all_rules()
    rules = (*rules, *rules_of_plugins(plugins, rules))
    return (*rules, *load_custom(root, rules))


def run_rules(
    tree: Tree,
    options: Options,
    rules: Sequence[Rule],
    timings: dict[str, float] | None = None,
    validation: Validation | None = None,
) -> tuple[list[Finding], list[Failure]]:
    """All findings of a tree, unsorted; suppressions are not applied."""
    findings: list[Finding] = []
    failures: list[Failure] = []
    timings = {} if timings is None else timings
    for rule in sorted(rules, key=lambda one: one.scope == "Validation"):
        started = perf_counter()
        if rule.scope == "Validation" and validation is not None and "schemas" not in timings:
            _ = validation.violations
            timings["schemas"] = perf_counter() - started
            started = perf_counter()
        try:
            findings.extend(_named(finding, rule, options) for finding in _check(rule, tree, validation, options))
        except PluginError as error:
            failures.append(Failure(rule.name, str(error)))
        except LintkitError:
            raise
        except Exception as error:  # noqa: BLE001 - a broken rule must not take the others down
            failures.append(Failure(rule.name, f"{type(error).__name__}: {error}"))
        timings[f"rule {rule.name}"] = perf_counter() - started
    return _without_echoes(findings, rules), failures


def _without_echoes(findings: list[Finding], rules: Sequence[Rule]) -> list[Finding]:
    """The findings but for those that say less of what another says at their place; their fixes are not lost."""
    echoes = {rule.name: rule.instead_of for rule in rules if rule.instead_of}
    said = {(one.path, one.place.span.start): echoes[one.rule] for one in findings if one.rule in echoes}
    if not said:
        return findings
    places = [(one.path, one.place.span.start) for one in findings]
    gone = [one.rule in said.get(place, ()) for one, place in zip(findings, places, strict=True)]
    fixes = {place: one.fix for one, place, is_gone in zip(findings, places, gone, strict=True) if is_gone}
    return [
        replace(one, fix=one.fix or fixes[place]) if place in fixes and one.rule in echoes else one
        for one, place, is_gone in zip(findings, places, gone, strict=True)
        if not is_gone
    ]


def validated(tree: Tree, rules: Sequence[Rule], cache: Cache | None = None) -> Validation | None:
    """The tree, about to be held against its schemas; None when no rule asks for it."""
    if not any(rule.scope == "Validation" for rule in rules):
        return None
    from lintkit.schema.store import Store  # noqa: PLC0415 - only where a rule asks for it
    from lintkit.schema.validation import Validation  # noqa: PLC0415 - as above

    validation = Validation(tree, Store(), cache)
    validation.begin()
    return validation


def _check(rule: Rule, tree: Tree, validation: Validation | None, options: Options) -> Iterator[Finding]:
    more = (options,) if rule.wants_options else ()
    if rule.scope == "Tree":
        yield from rule.check(tree, *more)
    elif rule.scope == "Validation":
        yield from rule.check(validation, *more)
    elif rule.scope == "Document":
        for document in tree.documents:
            yield from rule.check(document, *more)
    else:
        for resource in tree.written:
            if not rule.kinds or resource.kind in rule.kinds:
                yield from rule.check(resource, *more)


def _named(finding: Finding, rule: Rule, options: Options) -> Finding:
    level = options.severities.get(rule.name)
    severity = Severity[level.upper()] if level else finding.severity or rule.severity
    return replace(finding, rule=rule.name, severity=severity)


def check(  # noqa: PLR0913 - the choices of one run
    path: Path | str = ".",
    *,
    paths: Sequence[Path] = (),
    root: Path | str | None = None,
    options: Options | None = None,
    overlay: Mapping[str, str] | None = None,
    rules: tuple[Rule, ...] | None = None,
    earlier: Report | None = None,
    past: Past | None = None,
    cache: Cache | None = None,
) -> Report:
    """Lint the tree that `path` is in.

    Args:
        path: A file or folder; the tree is everything below its root.
        paths: Files and folders whose findings are shown; empty for `path`.
        root: Root of the tree, when it is not to be looked for.
        options: Options; read from the root's configuration when None.
        overlay: Path relative to the root -> text, in place of what is on disk.
        rules: The rules to choose from; all of the package and of the repository when None.
        earlier: A run on the same root; what it parsed is taken over where files have not changed.
        past: What the root had at a commit, in place of what it has now.
        cache: As for `judge`.

    Raises:
        UsageError: The path does not exist.
        ConfigurationError: The configuration is wrong.
        NothingLintedError: There is no manifest below the root.
    """
    asked = [Path(one) for one in paths] or [Path(path)]
    root = Path(root or root_of(asked[0])).resolve()
    for one in asked:
        if not one.exists() and not any(root / name == one.resolve() for name in overlay or ()):
            message = f"{one} does not exist"
            raise UsageError(message)
    options = options or configuration.load(root)
    report = judge(root, options, overlay=overlay, rules=rules, earlier=earlier, past=past, cache=cache)
    return narrowed(report, asked, report.tree.repository.listing.files if report.tree else ())


def judge(  # noqa: PLR0913 - as above
    root: Path,
    options: Options,
    *,
    overlay: Mapping[str, str] | None = None,
    rules: tuple[Rule, ...] | None = None,
    earlier: Report | None = None,
    past: Past | None = None,
    cache: Cache | None = None,
) -> Report:
    """Lint a whole tree.

    Args:
        root: Its root, resolved.
        options: Options.
        overlay: As for `check`.
        rules: As for `check`.
        earlier: As for `check`.
        past: As for `check`.
        cache: Where schemas are kept that were compiled before.

    Raises:
        ConfigurationError: The configuration is wrong.
        NothingLintedError: There is no manifest below the root.
    """
    started = perf_counter()
    known = rules if rules is not None else rules_of(root, options.plugins)
    selected = select_rules(options, known)
    timings: dict[str, float] = {}
    with _no_collection():
        tree = load_tree(
            root, options, overlay=overlay, timings=timings, earlier=earlier.tree if earlier else None, past=past
        )
        if not tree.written and not tree.kustomizations and not tree.streams:
            message = f"no Kubernetes manifest below {root}"
            raise NothingLintedError(message)
        validation = validated(tree, selected, cache)
        findings, failures = run_rules(tree, options, selected, timings, validation)
        findings = [finding for finding in findings if _is_of_concern(finding, tree, selected)]
        before = perf_counter()
        kept, silenced = suppress.apply(findings, tree, options, selected, known)
        sensitive = sensitive_spans(tree)
        ran = {rule.name for rule in selected} - {failure.rule for failure in failures}
        kept, accepted = baseline.apply(kept, sensitive, root, options, ran)
        silenced = sorted([*silenced, *accepted], key=lambda one: suppress.order(one.finding))
        timings["suppressions"] = perf_counter() - before
    return Report(
        root,
        tuple(masked(finding, sensitive) for finding in kept),
        tuple(replace(one, finding=masked(one.finding, sensitive)) for one in silenced),
        len({resource.path for resource in tree.written}),
        len(tree.written),
        tuple(_not_checked(tree)),
        tree.skipped,
        sensitive,
        tuple(failures),
        perf_counter() - started,
        timings,
        Severity[options.fail_on.upper()],
        selected,
        tree,
        validation,
    )


def load_tree(
    root: Path,
    options: Options,
    *,
    overlay: Mapping[str, str] | None = None,
    timings: dict[str, float] | None = None,
    earlier: Tree | None = None,
    past: Past | None = None,
) -> Tree:
    """Read a tree and follow Flux through it."""
    timings = {} if timings is None else timings
    clock = perf_counter()
    known = earlier.repository if earlier is not None else None
    repository = Repository.open(root, exclude=options.exclude, overlay=overlay, earlier=known, past=past)
    timings["discover"] = perf_counter() - clock
    tree = Tree(repository, options, git_remote(root))
    clock = perf_counter()
    _ = tree.written
    timings["parse"] = perf_counter() - clock
    clock = perf_counter()
    _ = tree.clusters
    _ = tree.other_builds
    timings["build"] = perf_counter() - clock
    return tree


@contextmanager
def _no_collection() -> Iterator[None]:
    """Hold the cyclic garbage collector: a run makes many small nodes and drops none of them."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _is_of_concern(finding: Finding, tree: Tree, rules: Sequence[Rule]) -> bool:
    """Archives that Flux does not reach are left alone; but a secret in one can be read like any other."""
    if finding.path not in tree.archived_files:
        return True
    return any(rule.name == finding.rule and rule.category == "secrets" for rule in rules)


def masked(finding: Finding, sensitive: Mapping[str, Sequence[Span]]) -> Finding:
    """A finding whose message does not repeat a secret that stands at its place."""
    message = finding.message
    if finding.rule in _ABOUT_SECRETS:
        return finding  # its message names the field, which may be called what the secret is: `password`
    for span in sensitive.get(finding.path, ()):
        if span.start < finding.place.span.end and finding.place.span.start < span.end:
            text = finding.place.source.text[span.start : span.end].strip("\"'")
            message = message.replace(f"`{text}`", "`…`")
    return finding if message == finding.message else replace(finding, message=message)


def _not_checked(tree: Tree) -> Iterator[str]:
    """What the summary says about the limits of a run."""
    unknown = [applied for applied in tree.applied if applied.why_unknown]
    reasons: dict[str, list[str]] = {}
    for applied in unknown:
        if applied.kustomization is not None:
            reasons.setdefault(applied.why_unknown, []).append(applied.kustomization.name)
    for reason, names in sorted(reasons.items()):
        what = "Kustomization" if len(names) == 1 else "Kustomizations"
        yield f"{len(names)} Flux {what} ({', '.join(sorted(names)[:3])}{', …' if len(names) > 3 else ''}): {reason}"
    partial: dict[str, int] = {}
    builds = [build for build in tree.builds if build.is_partial and not is_archived(f"{build.folder}/")]
    for build in builds:
        for gap in build.gaps:
            partial[gap.reason] = partial.get(gap.reason, 0) + 1
    if partial:
        first = sorted(partial)[:3]
        more = f", and {len(partial) - 3} more" if len(partial) > 3 else ""
        yield f"{len(builds)} {'build' if len(builds) == 1 else 'builds'} in part: {'; '.join(first)}{more}"
    if tree.repository.unreadable:
        for path, reason in sorted(tree.repository.unreadable.items()):
            yield f"{path}: {reason}"
    if not tree.clusters:
        yield "what Flux applies: no Flux Kustomization in this tree"
