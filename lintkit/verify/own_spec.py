"""What a probe file of a repository may say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lintkit.options import DURATION, option

NAME = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Objects:
    """Live objects of which something must be true."""

    kind: str = option("Kind, or `group/Kind` outside of the core group.", pattern=r"^([a-z0-9.-]+/)?[A-Z]\w*$")
    namespace: str = option("Namespace, as a glob.", "*")
    name: str = option("Name, as a glob.", "*")
    expression: str = option("What must be true of each, in CEL; the object is `object`.", "true")
    at_least: int = option("How many there must be.", 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """Lines in Loki."""

    query: str = option("LogQL query of log lines.")
    within: str = option("How far to look back.", "15m", pattern=DURATION)
    expect: Literal["some", "none"] = option("Whether there must be lines, or must be none.", "some")


@dataclass(frozen=True, slots=True, kw_only=True)
class Http:
    """An HTTP server that must answer."""

    url: str = option("URL; with `service`, the path below it.")
    service: str = option("`namespace/name:port` of a Service to reach through a forwarded port.", "")
    status: int = option("Status that it must answer with.", 200)
    contains: str = option("Text that the answer must hold.", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command in a container."""

    namespace: str = option("Namespace of the pod.")
    pod: str = option("Name of the pod, as a glob; the first that runs is asked.")
    container: str = option("Container.")
    command: tuple[str, ...] = option("Program and arguments; no shell, no terminal.")
    contains: str = option("Text that its standard output must hold.", "")
    exit_code: int = option("Exit code that it must end with, where the cluster tells it.", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A probe file: one of `objects`, `logs`, `http` and `exec`."""

    name: str = option("Name of the probe, in kebab case.", pattern=NAME)
    summary: str = option("What must be true, in one sentence.")
    objects: Objects | None = option("Live objects of which something must be true.", None)
    logs: Logs | None = option("Lines in Loki.", None)
    http: Http | None = option("An HTTP server that must answer; needs --trust-probes.", None)
    exec: Command | None = option("A command in a container; needs --trust-probes.", None)
