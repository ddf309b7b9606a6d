"""`lintkit check`: lint a repository."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lintkit import configuration, engine
from lintkit.cli import remember
from lintkit.collect.cache import Cache
from lintkit.collect.repository import root_of
from lintkit.errors import ConfigurationError, PluginError, UsageError
from lintkit.report import FORMATS, formats_of_plugins, render

if TYPE_CHECKING:
    from collections.abc import Callable

    from lintkit.engine import Report
    from lintkit.options import Options

_NOT_KEPT = ("changed_since", "verbose", "plugins")
_LEVELS = ("info", "warning", "error")


def _names(_: click.Context, __: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.strip() for part in value for name in part.split(",") if name.strip())


class _Format(click.Choice[str]):
    """A format of lintkit's own, or of a plugin; which there are is known later."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        _ = param, ctx
        return value


@click.command("check")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--select", multiple=True, callback=_names, metavar="RULE", help="Run only these rules or categories.")
@click.option("--ignore", multiple=True, callback=_names, metavar="RULE", help="Do not run these rules or categories.")
@click.option("--fix", is_flag=True, help="Apply safe fixes, then report what is left.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: also fixes that may change what is meant.")
@click.option("--diff", is_flag=True, help="Print the fixes as a patch for `git apply`, and change nothing.")
@click.option(
    "--secrets-to",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="With --fix: write secrets that move to a vault to this new file, when git does not have them.",
)
@click.option("--changed-since", metavar="REF", help="Only findings that the tree did not have at this commit.")
@click.option("--watch", is_flag=True, help="Check again at each save, and show what appeared and what went.")
@click.option(
    "--baseline",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Findings that are accepted for now; see `lintkit baseline`.",
)
@click.option(
    "--plugin",
    "plugins",
    multiple=True,
    callback=_names,
    metavar="PACKAGE",
    help="Use the rules and reports of this installed package too.",
)
@click.option("--output-format", type=_Format(tuple(FORMATS)), help="Short for --output FORMAT.")
@click.option("--output", multiple=True, metavar="FORMAT[:FILE]", help="Write a report; may be repeated.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 even with findings.")
@click.option("--fail-on", type=click.Choice(_LEVELS), help="The lowest severity that fails the run.")
@click.option("--statistics", is_flag=True, help="Count the findings of each rule.")
@click.option("--config", type=click.Path(path_type=Path), help="Configuration file.")
@click.option("--no-cache", is_flag=True, help="Neither use nor keep what earlier runs have worked out.")
@click.option("--root", type=click.Path(path_type=Path), help="Root of the tree.")
@click.option("--stdin-filename", metavar="PATH", help="With `-` as PATH: where the text from standard input stands.")
@click.option("--color", type=click.Choice(("auto", "always", "never")), default="auto", help="When to use colour.")
@click.option("--verbose", is_flag=True, help="Say which files were left alone and why, and where the time went.")
@click.option("--quiet", is_flag=True, help="Print findings only, no summary.")
def command(**given: object) -> int:
    r"""Lint the repository that PATH is in, and show the findings in PATH.

    The tree is always the whole repository: Flux paths start at its root. PATH (default: the current folder) only
    chooses whose findings are shown. `-` reads one file from standard input.

    \b
    Exit codes:
      0  no finding of `warning` or `error` (see --fail-on)
      1  findings
      2  wrong usage or configuration
      3  nothing linted, or a tool is missing
    """
    paths, overlay, root = _paths(given)
    options = _options(given, root)
    _check_outputs(options, given)
    if given["watch"]:
        return _watched(paths, root, overlay, given)
    if given["changed_since"] and (given["fix"] or given["diff"] or overlay is not None):
        message = "--changed-since goes with neither --fix, --diff nor standard input"
        raise UsageError(message)
    if given["fix"] or given["diff"]:
        from lintkit.cli import fixing  # noqa: PLC0415 - only where files are to change

        if overlay is not None:
            message = "--fix and --diff take files, not standard input"
            raise UsageError(message)
        if given["diff"]:
            return fixing.show_patch(root, options, paths, unsafe=bool(given["unsafe_fixes"]))
        secrets_to: Path | None = given["secrets_to"]  # type: ignore[assignment]
        unsafe = bool(given["unsafe_fixes"])
        report = fixing.repaired(root, options, paths, unsafe=unsafe, secrets_to=secrets_to).report
    else:
        cache = Cache.own() if options.cache and not given["no_cache"] else None
        report = engine.check(paths=paths, root=root, options=options, overlay=overlay, cache=cache)
        report = _since(report, options, given)
        if cache is not None and overlay is None and not any(given[name] for name in _NOT_KEPT):
            return _written_and_kept(report, paths, options, given, cache)
    if not _write(report, options.plugins, given, click.echo):
        return PluginError.exit_code
    return 0 if given["exit_zero"] and not report.failures else report.exit_code


def _written_and_kept(
    report: Report, paths: list[Path], options: Options, given: dict[str, object], cache: Cache
) -> int:
    """Write every report, and keep what was printed for a run in which all is as it was."""
    printed: list[tuple[bool, str]] = []

    def echo(text: str, *, nl: bool = True, err: bool = False, color: bool | None = None) -> None:
        printed.append((err, f"{text}\n" if nl else text))
        click.echo(text, nl=nl, err=err, color=color)

    is_whole = _write(report, options.plugins, given, echo)
    code = 0 if given["exit_zero"] and not report.failures else report.exit_code
    if not is_whole:
        return PluginError.exit_code
    arguments: list[str] | None = click.get_current_context().find_root().obj
    if arguments is not None and not options.plugins and not any(file for _, file in _outputs(given)):
        config: Path | None = given["config"]  # type: ignore[assignment]
        remember.keep(cache, arguments, report, remember.Printed(printed, code), paths, options, config)
    return code


def _watched(paths: list[Path], root: Path, overlay: dict[str, str] | None, given: dict[str, object]) -> int:
    if any(given[name] for name in ("fix", "diff", "changed_since", "output", "output_format")) or overlay is not None:
        message = "--watch goes with neither --fix, --diff, --changed-since, --output nor standard input"
        raise UsageError(message)
    from lintkit.cli import watching  # noqa: PLC0415 - only where it is asked for

    def check(earlier: Report | None) -> Report:
        return engine.check(paths=paths, root=root, options=_options(given, root), earlier=earlier)

    config: Path | None = given["config"]  # type: ignore[assignment]
    return watching.run(root, config, check, color=_color(given, file=False))


def _since(report: Report, options: Options, given: dict[str, object]) -> Report:
    reference = given["changed_since"]
    if not isinstance(reference, str):
        return report
    from lintkit.changes import since  # noqa: PLC0415 - only where git is asked

    return since(report, reference, options=options)


def _paths(given: dict[str, object]) -> tuple[list[Path], dict[str, str] | None, Path]:
    arguments: tuple[str, ...] = given["paths"]  # type: ignore[assignment]
    root: Path | None = given["root"]  # type: ignore[assignment]
    if root is not None and not root.is_dir():
        message = f"--root {root} is not a folder"
        raise UsageError(message)
    if "-" in arguments:
        name = given["stdin_filename"]
        if not isinstance(name, str) or len(arguments) > 1:
            message = "`-` takes --stdin-filename and no other PATH"
            raise UsageError(message)
        path = Path(name)
        found = root or root_of(path)
        text = sys.stdin.read()
        try:
            relative = path.resolve().relative_to(found.resolve()).as_posix()
        except ValueError:
            message = f"{path} is not below the root {found}"
            raise UsageError(message) from None
        return [path], {relative: text}, found
    default = Path() if root is None or Path.cwd().is_relative_to(root.resolve()) else root
    paths = [Path(argument) for argument in arguments] or [default]
    for path in paths:
        if not path.exists():
            message = f"{path} does not exist"
            raise UsageError(message)
    found = root or root_of(paths[0])
    for path in paths:
        if not path.resolve().is_relative_to(found.resolve()):
            message = f"{path} is not below the root {found}"
            raise UsageError(message)
    return paths, None, found


def _options(given: dict[str, object], root: Path) -> Options:
    file: Path | None = given["config"]  # type: ignore[assignment]
    options = configuration.load(root, file)
    plugins: tuple[str, ...] = given["plugins"]  # type: ignore[assignment]
    if plugins:
        options = replace(options, plugins=(*options.plugins, *plugins))
    known = engine.rules_of(root, options.plugins)
    try:
        engine.select_rules(options, known)
    except ConfigurationError:
        raise
    except UsageError as error:
        raise ConfigurationError(str(error), str(configuration.path_of(root, file))) from error
    select: tuple[str, ...] = given["select"]  # type: ignore[assignment]
    ignore: tuple[str, ...] = given["ignore"]  # type: ignore[assignment]
    if select:
        options = replace(options, select=select)
    if ignore:
        options = replace(options, ignore=(*options.ignore, *ignore))
    baseline: Path | None = given["baseline"]  # type: ignore[assignment]
    if baseline is not None:
        options = replace(options, baseline=str(baseline.absolute()))
    if given["fail_on"]:
        options = replace(options, fail_on=given["fail_on"])  # type: ignore[arg-type]
    return options


def _outputs(given: dict[str, object]) -> list[tuple[str, str]]:
    """Format and file of each report; no file for the terminal."""
    asked: tuple[str, ...] = given["output"]  # type: ignore[assignment]
    outputs = list(asked) or ([str(given["output_format"])] if given["output_format"] else ["text"])
    return [(name, file) for name, _, file in (output.partition(":") for output in outputs)]


def _check_outputs(options: Options, given: dict[str, object]) -> None:
    """Know before the run what cannot be written after it."""
    more = formats_of_plugins(options.plugins)
    for entry, reason in more.refused:
        click.echo(f"lintkit: {entry.error(reason)}", err=True)
    for name, _ in _outputs(given):
        if name not in FORMATS and name not in more.entries:
            message = f"`{name}` is no output format; expected one of {', '.join([*FORMATS, *more.entries])}"
            raise UsageError(message)


def _write(report: Report, plugins: tuple[str, ...], given: dict[str, object], echo: Callable[..., None]) -> bool:
    """Write every report; whether all of them could be."""
    to_terminal = False
    is_whole = True
    for name, file in _outputs(given):
        color = _color(given, file=bool(file))
        try:
            text = render(report, name, color=color, quiet=bool(given["quiet"]) and not file, plugins=plugins)
        except PluginError as error:
            echo(f"lintkit: {error}", err=True)
            is_whole = False
            continue
        if file:
            try:
                Path(file).write_text(text, "utf-8")
            except OSError as error:
                message = f"{file} cannot be written: {error.strerror}"
                raise UsageError(message) from error
            continue
        to_terminal = name in {"text", "concise"}
        echo(text, nl=False, color=True)
    if given["statistics"]:
        echo(_statistics(report), err=not to_terminal)
    if given["verbose"]:
        echo(_details(report), err=not to_terminal)
    for failure in report.failures:
        if not to_terminal:
            echo(f"lintkit: internal error in rule {failure.rule}: {failure.message}", err=True)
    return is_whole


def _color(given: dict[str, object], *, file: bool) -> bool:
    if given["color"] != "auto":
        return given["color"] == "always"
    plain = "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
    return not file and not plain and sys.stdout.isatty()


def _statistics(report: Report) -> str:
    counts: dict[str, int] = {}
    for finding in report.findings:
        counts[finding.rule] = counts.get(finding.rule, 0) + 1
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    return "\n".join(f"{count:6}  {rule}" for rule, count in rows)


def _details(report: Report) -> str:
    lines = [f"root: {report.root}", "left alone:"]
    lines += [f"  {skipped.path}: {skipped.reason}" for skipped in report.skipped]
    lines.append("time:")
    slowest = sorted(report.timings.items(), key=lambda row: -row[1])
    lines += [f"  {seconds * 1000:7.1f} ms  {name}" for name, seconds in slowest]
    return "\n".join(lines)
