"""The probes of a repository: `.lintkit/probes/*.yaml`. What runs commands or opens connections must be trusted."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from lintkit.configuration import decode_as, mistake
from lintkit.errors import ConfigurationError, ToolMissingError
from lintkit.suppress import glob
from lintkit.syntax.node import Mapping, Scalar
from lintkit.syntax.parser import parse
from lintkit.text.source import Source, decode
from lintkit.verify.cluster import Ask
from lintkit.verify.expectation import Answer, Expectation, Need, failed, passed, unknown
from lintkit.verify.loki import forwards, labels, newest, where
from lintkit.verify.own_spec import Command, Http, Logs, Objects, Spec
from lintkit.verify.pods import name_of
from lintkit.verify.probes._probe import PODS, Probe, Right, reads
from lintkit.verify.times import ago, parse_duration
from lintkit.verify.trim import line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lintkit.cel.compile import Program
    from lintkit.verify.expectation import Question
    from lintkit.verify.live import Found, Live
    from lintkit.verify.promises import Promises

FOLDER = ".lintkit/probes"
GROUP = "own"
MISSING = "probes with an `expression` need the package cel-python: pip install 'lintkit[cel]'"
_STEPS = 1_000_000
_SERVICE = re.compile(r"(?P<namespace>[^/:]+)/(?P<name>[^/:]+):(?P<port>[\w-]+)")
_SHOWN = 3


class Own(NamedTuple):
    """A probe of the repository.

    Attributes:
        probe: The probe.
        needs_trust: Whether it does more than ask the API server and Loki.
    """

    probe: Probe
    needs_trust: bool


def read_probes(root: Path, taken: frozenset[str]) -> tuple[Own, ...]:
    """The probes of a repository, sorted by name.

    Args:
        root: Root of the tree.
        taken: Names that probes and groups have already.

    Raises:
        ConfigurationError: A file cannot be read, says something that cannot be, or takes a name that is taken.
    """
    folder = root / FOLDER
    if not folder.is_dir():
        return ()
    if folder.is_symlink() or folder.parent.is_symlink():
        message = "is a link; links are not followed"
        raise ConfigurationError(message, FOLDER)
    known = set(taken) | {GROUP}
    found: list[Own] = []
    for path in sorted(folder.iterdir()):
        if path.suffix not in {".yaml", ".yml"}:
            continue
        for spec, node in _read(path, f"{FOLDER}/{path.name}"):
            if spec.name in known:
                message = f"the name `{spec.name}` is taken"
                raise mistake(message, (node.at("name") or node).place)
            known.add(spec.name)
            found.append(_probe_of(spec, node))
    return tuple(sorted(found, key=lambda one: one.probe.name))


def _read(path: Path, shown: str) -> Iterator[tuple[Spec, Mapping]]:
    if path.is_symlink() or not path.is_file():
        message = "is no file; links are not followed"
        raise ConfigurationError(message, shown)
    try:
        text, broken = decode(path.read_bytes())
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        raise ConfigurationError(message, shown) from error
    source = Source(shown, text)
    if broken is not None:
        message = "is not valid UTF-8"
        raise ConfigurationError(message, shown, source.position(broken)[0])
    stream = parse(source)
    defects = [stream.error] if stream.error else [one for part in stream.documents for one in part.defects]
    for defect in defects:
        raise mistake(defect.message, defect.place)
    for document in stream.documents:
        node = document.root
        if node is None or (isinstance(node, Scalar) and node.is_null):
            continue
        if not isinstance(node, Mapping):
            message = "a probe is a mapping with `name`, `summary` and one of `objects`, `logs`, `http` and `exec`"
            raise mistake(message, node.place)
        yield decode_as(node, Spec), node


def _probe_of(spec: Spec, node: Mapping) -> Own:
    questions = [one for one in (spec.objects, spec.logs, spec.http, spec.exec) if one is not None]
    if len(questions) != 1:
        message = f"a probe has one of `objects`, `logs`, `http` and `exec`; this has {len(questions) or 'none'}"
        raise mistake(message, node.place)
    (one,) = questions
    if isinstance(one, Objects):
        return Own(_made(spec, node, _objects(one, node), _rights(one.kind)), needs_trust=False)
    if isinstance(one, Logs):
        return Own(_made(spec, node, partial(_logs, one), PODS), needs_trust=False)
    if isinstance(one, Http):
        service = _service(one, node)
        return Own(_made(spec, node, _http(one, service), PODS if service else ()), needs_trust=True)
    if not one.command:
        raise mistake("`exec.command` names no program", (node.at("exec", "command") or node).place)
    return Own(_made(spec, node, _exec(one), PODS, executes=True), needs_trust=True)


class _Made(NamedTuple):
    """What an expectation of one file is made of."""

    subject: str
    namespace: str
    command: str
    question: Question
    needs: tuple[Need, ...] = ()


_Make = Callable[["Promises"], _Made]


def _made(spec: Spec, node: Mapping, make: _Make, rights: tuple[Right, ...], *, executes: bool = False) -> Probe:
    def expect(promises: Promises) -> Iterator[Expectation]:
        made = make(promises)
        claim = line(spec.summary[:1].lower() + spec.summary[1:]).rstrip(".")
        place = (node.at("name") or node).place
        yield Expectation(
            made.subject, f"({claim})", place, made.command, made.question, made.namespace, needs=made.needs
        )

    expect.__doc__ = spec.summary
    return Probe(spec.name, GROUP, expect, rights, executes=executes)


def _rights(kind: str) -> tuple[Right, ...]:
    group, _, name = kind.rpartition("/")
    plural = name.lower()
    if plural.endswith("y") and plural[-2:-1] not in "aeiou":
        plural = f"{plural[:-1]}ies"
    else:
        plural += "es" if plural.endswith(("s", "x", "ch", "sh")) else "s"
    return reads(group, plural)


def _objects(one: Objects, node: Mapping) -> _Make:
    group, _, kind = one.kind.rpartition("/")
    program = _compiled(one.expression, node)
    namespace = one.namespace if "*" not in one.namespace else ""
    where_ = f"-n {shlex.quote(namespace)}" if namespace else "-A"
    full = f"{kind.lower()}.{group}" if group else kind.lower()
    which = f" {shlex.quote(one.name)}" if namespace and "*" not in one.name else ""
    command = f"kubectl {where_} get {full}{which} -o yaml"
    return lambda _: _Made(
        f"{kind} {one.namespace}/{one.name}",
        namespace,
        command,
        partial(_ask_objects, one, group, kind, program),
    )


def _compiled(expression: str, node: Mapping) -> Program:
    try:
        from lintkit.cel.compile import Program  # noqa: PLC0415 - slow to import, and few runs need it
        from lintkit.cel.errors import CelError  # noqa: PLC0415 - as above
    except ImportError as error:
        raise ToolMissingError(MISSING) from error
    try:
        return Program(expression, ("object",))
    except ImportError as error:
        raise ToolMissingError(MISSING) from error
    except CelError as error:
        message = f"the expression: {error.message}"
        raise mistake(message, (node.at("objects", "expression") or node).place) from None


def _ask_objects(one: Objects, group: str, kind: str, program: Program, live: Live) -> Answer:
    namespace = one.namespace if "*" not in one.namespace else None
    found = [each for each in live.all(group, kind, namespace) if _is_meant(one, each)]
    is_part = namespace is None and not live.sees_all(group, kind)
    if len(found) < one.at_least and not is_part:
        return failed(f"{len(found)} of at least {one.at_least} are there")
    wrong: list[str] = []
    doubts: list[str] = []
    for each in found:
        verdict = _judged(program, each)
        metadata = each["metadata"]
        name = f"`{metadata['namespace']}/{metadata['name']}`" if metadata.get("namespace") else f"`{metadata['name']}`"
        if verdict is False:
            wrong.append(name)
        elif verdict is not True:
            doubts.append(f"{name}: {verdict}")
    if wrong:
        more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        return failed(f"`{line(one.expression, 120)}` is false for {', '.join(wrong[:_SHOWN])}{more}")
    if is_part:
        return unknown(f"not all namespaces may be read; true of {len(found)} in the others", is_lasting=True)
    if doubts:
        return unknown(f"the expression has no value for {doubts[0]}")
    return passed(f"{len(found)} {'object' if len(found) == 1 else 'objects'}")


def _is_meant(one: Objects, found: Found) -> bool:
    metadata = found.get("metadata") or {}
    parts = ((one.namespace, metadata.get("namespace") or ""), (one.name, metadata.get("name") or ""))
    return all(bool(glob(pattern).fullmatch(text)) for pattern, text in parts)


def _judged(program: Program, found: Found) -> bool | str:
    """What the expression says of an object; a text says why it says nothing."""
    from lintkit.cel.budget import Budget  # noqa: PLC0415 - as above
    from lintkit.cel.errors import CelError  # noqa: PLC0415 - as above

    try:
        verdict = program.run({"object": found}, Budget(_STEPS))
    except CelError as error:
        return line(error.message)
    return verdict if isinstance(verdict, bool) else "it is neither true nor false"


def _logs(one: Logs, promises: Promises) -> _Made:
    loki = where(promises)
    command = (loki.command if loki else "logcli query {query}").replace("{query}", shlex.quote(one.query))
    return _Made("logs", "", command, partial(_ask_logs, one, promises), forwards(loki.service if loki else None))


def _ask_logs(one: Logs, promises: Promises, live: Live) -> Answer:
    loki, access, within = where(promises), promises.options.verify.loki, parse_duration(one.within)
    if loki is None:
        return unknown("neither the tree nor `verify.loki` of the configuration says where Loki is", is_lasting=True)
    found = newest(one.query, within, loki, access, live)
    if one.expect == "none":
        return failed(f"there is a line, {ago(found.time, live.now())}") if found else passed("no line")
    if found is not None:
        return passed(f"newest line {ago(found.time, live.now())}")
    return failed(f"no line; {labels(one.query, within, loki, access, live).text}")


def _service(one: Http, node: Mapping) -> tuple[str, str, str] | None:
    if not one.service:
        if not one.url.startswith(("http://", "https://")):
            message = f"`{one.url}` is no http or https URL"
            raise mistake(message, (node.at("http", "url") or node).place)
        return None
    found = _SERVICE.fullmatch(one.service)
    if found is None:
        message = f"`{one.service}` is not of the form `namespace/name:port`"
        raise mistake(message, (node.at("http", "service") or node).place)
    return found["namespace"], found["name"], found["port"]


def _http(one: Http, service: tuple[str, str, str] | None) -> _Make:
    command = f"curl -i {shlex.quote(one.url)}"
    if service:
        namespace, name, port = service
        command = f"kubectl -n {namespace} port-forward svc/{name} 8080:{port} & curl -i "
        command += shlex.quote(f"http://127.0.0.1:8080{one.url}")
    ask = Ask(one.url, service, {}, f"{one.service} {line(one.url)}".strip())
    return lambda _: _Made(
        line(one.url), service[0] if service else "", command, partial(_ask_http, one, ask), forwards(service)
    )


def _ask_http(one: Http, ask: Ask, live: Live) -> Answer:
    page = live.fetch(ask)
    if page.status != one.status:
        return failed(f"it answers {page.status}, wanted {one.status}")
    if one.contains and one.contains not in page.text:
        return failed(f"it answers {page.status} without `{line(one.contains, 80)}`")
    return passed(f"it answers {page.status}")


def _exec(one: Command) -> _Make:
    shown = shlex.join(one.command)
    where_, pod, container = map(shlex.quote, (one.namespace, one.pod, one.container))
    command = f"kubectl -n {where_} exec {pod} -c {container} -- {shown}"
    subject = f"`{line(shown, 60)}` in {one.namespace}/{one.pod}"
    return lambda _: _Made(
        subject, one.namespace, command, partial(_ask_exec, one), (Need("pods/exec", one.namespace),)
    )


def _ask_exec(one: Command, live: Live) -> Answer:
    for pod in live.all("", "Pod", one.namespace):
        names = [each.get("name") for each in (pod.get("spec") or {}).get("containers") or ()]
        is_running = (pod.get("status") or {}).get("phase") == "Running"
        if not is_running or one.container not in names or not glob(one.pod).fullmatch(name_of(pod)):
            continue
        output = live.execute(one.namespace, name_of(pod), one.container, *one.command)
        if output.code is not None and output.code != one.exit_code:
            said = line(output.stderr or output.stdout, 120)
            return failed(f"exit code {output.code} in pod {name_of(pod)}, wanted {one.exit_code}: {said}")
        if one.contains and one.contains not in output.stdout:
            said = line(output.stdout, 120)
            return failed(f"no `{line(one.contains, 80)}` in what pod {name_of(pod)} says: {said}")
        if output.code is None and not one.contains:
            return unknown(f"the cluster does not tell how it ended in pod {name_of(pod)}")
        return passed(f"as wanted in pod {name_of(pod)}")
    return unknown(f"no pod `{one.pod}` with a container `{one.container}` runs in namespace `{one.namespace}`")
