"""`lintkit verify`: hold the tree against a live cluster."""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lintkit import configuration, engine
from lintkit.collect.repository import root_of
from lintkit.errors import ClusterError, NothingLintedError, UsageError
from lintkit.verify import rbac
from lintkit.verify.expectation import Outcome
from lintkit.verify.outcome import Verdict
from lintkit.verify.plan import Choice, Plan, plan
from lintkit.verify.record import Recorder, Replay
from lintkit.verify.run import Clock, Progress, ask
from lintkit.verify.times import parse_duration

if TYPE_CHECKING:
    from collections.abc import Callable

    from lintkit.verify.client import KubernetesCluster

_FORMATS = ("text", "json", "sarif", "junit")
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:h|m|s|ms))+|\d+")


def _names(_: click.Context, __: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.strip() for part in value for name in part.split(",") if name.strip())


def _duration(_: click.Context, param: click.Parameter, value: str | None) -> timedelta | None:
    if value is None:
        return None
    if not _DURATION.fullmatch(value):
        message = f"--{param.name} `{value}` is no duration; expected one like `90s` or `5m`"
        raise UsageError(message)
    found = parse_duration(value if not value.isdigit() else f"{value}s")
    if param.name == "timeout" and not found:
        message = "--timeout is more than 0"
        raise UsageError(message)
    return found


@click.command("verify")
@click.argument("path", default=".", type=click.Path(path_type=Path))
@click.option("--context", default="", metavar="NAME", help="Context of the kubeconfig; default the current one.")
@click.option("--namespace", multiple=True, callback=_names, metavar="NAME", help="Only objects of this namespace.")
@click.option("--select", multiple=True, callback=_names, metavar="PROBE", help="Run only these probes or groups.")
@click.option("--wait", callback=_duration, metavar="TIME", help="Ask again what does not pass, for so long: `5m`.")
@click.option("--timeout", default="30s", callback=_duration, metavar="TIME", help="For one answer; default 30s.")
@click.option("--output-format", type=click.Choice(_FORMATS), default="text", help="Form of the report; default text.")
@click.option("--no-exec", is_flag=True, help="Run no command in any container.")
@click.option("--trust-probes", is_flag=True, help="Let the repository's own probes run commands and ask over HTTP.")
@click.option("--allow-unknown", is_flag=True, help="Exit 0 when nothing fails, even if something is not known.")
@click.option(
    "--plugin", "plugins", multiple=True, metavar="PACKAGE", help="Use the probes of this installed package too."
)
@click.option("--rbac", is_flag=True, help="Print the rights that this run needs, as manifests, and ask nothing.")
@click.option("--record", type=click.Path(path_type=Path), metavar="FILE", help="Write what the cluster answered.")
@click.option("--replay", type=click.Path(path_type=Path), metavar="FILE", help="Ask a recording, and no cluster.")
@click.option("--config", type=click.Path(path_type=Path), help="Configuration file.")
@click.option("--root", type=click.Path(path_type=Path), help="Root of the tree.")
@click.option("--color", type=click.Choice(("auto", "always", "never")), default="auto", help="When to use colour.")
@click.option("--quiet", is_flag=True, help="Print only what does not pass.")
def command(**given: object) -> int:
    r"""Ask a cluster whether what the repository promises is so.

    The tree is read as by `lintkit check`; from it follows what must be true in the cluster. Each expectation passes,
    fails, or is unknown, with what was seen; one that does not pass names the line that promised it, and the command
    that shows it. PATH (default: all of the tree) chooses whose promises are asked for; the folder of a cluster, where
    a tree is for several, chooses the cluster. Nothing is changed in the cluster, and no value of a Secret is kept.

    \b
    Exit codes:
      0  all is as promised
      1  something is not
      2  wrong usage or configuration
      3  the cluster cannot be reached, or there is nothing to ask
      4  nothing fails, but something is not known (see --allow-unknown)
    """
    made = _plan(given)
    if not made.expectations:
        message = "the tree promises nothing that these probes could ask for"
        raise NothingLintedError(message)
    if given["rbac"]:
        click.echo(rbac.render(made), nl=False)
        return 0
    verdict = _asked(made, given)
    color = {"always": True, "never": False}.get(str(given["color"]), _is_terminal(sys.stdout))
    form = import_module(f"lintkit.verify.as_{given['output_format']}")
    click.echo(form.render(verdict, color=color, quiet=bool(given["quiet"])), nl=False, color=True)
    return verdict.exit_code(allow_unknown=bool(given["allow_unknown"]))


def _plan(given: dict[str, object]) -> Plan:
    path: Path = given["path"]  # type: ignore[assignment]
    asked: Path | None = given["root"]  # type: ignore[assignment]
    config: Path | None = given["config"]  # type: ignore[assignment]
    if not path.exists():
        message = f"{path} does not exist"
        raise UsageError(message)
    root = (asked or root_of(path)).resolve()
    if not root.is_dir() or not path.resolve().is_relative_to(root):
        message = f"--root {root} is no folder that holds {path}"
        raise UsageError(message)
    below = path.resolve().relative_to(root).as_posix()
    namespaces: tuple[str, ...] = given["namespace"]  # type: ignore[assignment]
    select: tuple[str, ...] = given["select"]  # type: ignore[assignment]
    options = configuration.load(root, config)
    plugins: tuple[str, ...] = given["plugins"]  # type: ignore[assignment]
    tree = engine.load_tree(root, replace(options, plugins=(*options.plugins, *plugins)))
    below = "" if below == "." else below
    return plan(tree, root, Choice(below, namespaces, select, not given["no_exec"], bool(given["trust_probes"])))


def _asked(made: Plan, given: dict[str, object]) -> Verdict:
    wait: timedelta | None = given["wait"]  # type: ignore[assignment]
    timeout: timedelta = given["timeout"]  # type: ignore[assignment]
    replay: Path | None = given["replay"]  # type: ignore[assignment]
    record: Path | None = given["record"]  # type: ignore[assignment]
    if replay is not None:
        if record is not None:
            message = "--replay goes with no --record"
            raise UsageError(message)
        recording = Replay(replay)
        results = ask(made.expectations, recording, made.namespaces, clock=Clock(sleep=lambda _: None))
        return Verdict(made.promises.root, recording.name, results, made.probes, made.left_out)
    started = time.monotonic()
    cluster = _connected(str(given["context"]), timeout.total_seconds(), wait)
    left = wait - timedelta(seconds=time.monotonic() - started) if wait else None
    show = _progress() if _is_terminal(sys.stderr) else None
    from lintkit.verify.login import quiet_client  # noqa: PLC0415 - as in `_connected`

    recorder = Recorder(cluster) if record is not None else None
    with quiet_client():
        results = ask(made.expectations, recorder or cluster, made.namespaces, wait=left, show=show)
    if show is not None:
        _clear()
    cluster.close()
    if recorder is not None and record is not None:
        recorder.write(record, made.promises.commit)
    seconds = time.monotonic() - started
    calls = sum(cluster.calls.values())
    return Verdict(made.promises.root, cluster.name, results, made.probes, made.left_out, seconds, calls)


def _connected(context: str, timeout: float, wait: timedelta | None) -> KubernetesCluster:
    """The cluster, as soon as it answers, for as long as may be waited."""
    from lintkit.verify.login import connect  # noqa: PLC0415 - the client is an extra

    until = time.monotonic() + (wait.total_seconds() if wait else 0.0)
    while True:
        try:
            return connect(context, timeout=timeout)
        except ClusterError:
            if time.monotonic() >= until:
                raise
            time.sleep(1.0)


def _is_terminal(stream: object) -> bool:
    return bool(getattr(stream, "isatty", bool)()) and os.environ.get("TERM") != "dumb" and "NO_COLOR" not in os.environ


def _progress() -> Callable[[Progress], None]:
    """Shows on standard error how far a round is, in one line that is written over."""
    shown_at = 0.0

    def show(progress: Progress) -> None:
        nonlocal shown_at
        now = time.monotonic()
        if now - shown_at < 0.1 and len(progress.results) < progress.expected:
            return
        shown_at = now
        failing = [one for one in progress.results if one.outcome is Outcome.FAIL]
        text = f"{len(progress.results)} of {progress.expected} answered"
        text += f", {len(failing)} fail" if failing else ""
        text += f", {progress.seconds_left:.0f} s left" if progress.seconds_left else ""
        text += f"; {failing[-1].expectation.subject}: {failing[-1].answer.evidence}" if failing else ""
        width = shutil.get_terminal_size().columns - 1
        click.echo(f"\r\x1b[2K{text[:width]}", nl=False, err=True, color=True)

    return show


def _clear() -> None:
    click.echo("\r\x1b[2K", nl=False, err=True, color=True)
