"""Small trees, what lintkit builds from them, and what the kustomize binary builds from the same files."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from lintkit.collect.repository import Repository
from lintkit.model.kustomize.build import Builder
from lintkit.model.resource import make, manifests
from lintkit.syntax.parser import parse
from lintkit.text.source import Source

if TYPE_CHECKING:
    from lintkit.model.kustomize.build import Build, Overrides
    from lintkit.model.resource import Resource
    from lintkit.syntax.node import Node, Place

_BUILT_HERE = Path(__file__).parents[3] / ".tools" / "kustomize"
_OFFLINE = {"GIT_ALLOW_PROTOCOL": "file", "HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}


def _command() -> list[str]:
    """How kustomize is called here; empty when there is none, or one that builds some things differently."""
    found = shutil.which("kustomize") or (str(_BUILT_HERE) if _BUILT_HERE.exists() else "")
    if not found:
        return []
    said = subprocess.run([found, "version"], capture_output=True, text=True, timeout=60, check=False).stdout
    version = re.match(r"v?(\d+)\.(\d+)", said)
    return [found, "build"] if version is None or (int(version[1]), int(version[2])) >= (5, 7) else []


COMMAND = _command()
needs_binary = pytest.mark.skipif(not COMMAND, reason="no kustomize 5.7 or newer is here; `make kustomize` gets one")
_HASH = re.compile(r"(?P<base>.+)-[bcdfghkmt2456789]{10}")


class Identity(NamedTuple):
    """An object of a build; `hashed` when its name ends in a content hash, which `name` leaves out."""

    group: str
    version: str
    kind: str
    namespace: str
    name: str
    hashed: bool = False


def write(root: Path, files: dict[str, str | bytes]) -> None:
    """Write a tree; texts are dedented."""
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        raw = content if isinstance(content, bytes) else dedent(content).lstrip("\n").encode()
        (root / path).write_bytes(raw)


def build(root: Path, folder: str = "app", overrides: Overrides | None = None) -> Build:
    """Build a folder of a tree on disk."""
    return Builder(Repository.open(root)).build(folder, overrides)


def objects(found: Build) -> list[Any]:
    """The objects of a build as plain values, in order."""
    return [resource.root.value for resource in found.resources]


def the_object(found: Build) -> Any:  # noqa: ANN401 - any YAML value
    """The only object of a build."""
    [value] = objects(found)
    return value


def where(place: Place | Node | None) -> str:
    """`path:line:column` of a node or place."""
    assert place is not None
    span = place.span if isinstance(place, tuple) else place.place.span
    line, column = place.source.position(span.start)
    return f"{place.source.path}:{line}:{column}"


def problems(found: Build) -> list[tuple[str, str, str]]:
    """The problems of a build: rule, place, message."""
    return [(problem.rule, where(problem.place), problem.message) for problem in found.problems]


def gaps(found: Build) -> list[tuple[str, str]]:
    """The gaps of a build: place, reason."""
    return [(where(gap.place), gap.reason) for gap in found.gaps]


class Output(NamedTuple):
    """What the binary did: its objects, or the end of its error."""

    objects: dict[Identity, str] | None
    error: str


def run_binary(folder: Path) -> Output:
    """Build a folder with the binary, as Flux does: files outside of the folder are allowed. The network is not."""
    command = [*COMMAND, "--load-restrictor", "LoadRestrictionsNone", str(folder)]
    done = subprocess.run(
        command, capture_output=True, text=True, errors="replace", timeout=60, check=False, env=os.environ | _OFFLINE
    )
    if done.returncode:
        return Output(None, done.stderr.strip())
    return Output(_objects_of_output(done.stdout), "")


def _objects_of_output(text: str) -> dict[Identity, str]:
    resources = [make(root) for root in manifests(parse(Source("output", text)))]
    renamed: dict[str, str] = {}
    for resource in resources:
        found = _HASH.fullmatch(resource.name)
        if found and resource.kind in {"ConfigMap", "Secret"}:
            renamed[resource.name] = found["base"]
    result = {}
    for resource in resources:
        value = resource.root.value
        if resource.kind == "Secret" and isinstance(value.get("data"), dict):  # long base64 is broken into lines
            value["data"] = {key: "".join(str(text).split()) for key, text in value["data"].items()}
        result[_identity(resource, renamed)] = _canonical(value, renamed)
    return result


def _identity(resource: Resource, renamed: dict[str, str]) -> Identity:
    name = renamed.get(resource.name)
    return Identity(
        resource.group, resource.version, resource.kind, resource.namespace, name or resource.name, name is not None
    )


def comparable(found: Build, output: Output) -> dict[Identity, str]:
    """The objects of our build in the form of the binary's."""
    result: dict[Identity, str] = {}
    for resource in found.resources:
        identity = Identity(
            resource.group, resource.version, resource.kind, resource.namespace, resource.name, resource.hashed
        )
        value = resource.root.value
        theirs = json.loads((output.objects or {}).get(identity, "{}"))
        if resource.kind == "Secret" and "stringData" in value and "stringData" not in theirs:
            texts = value.pop("stringData")
            value["data"] = {**value.get("data", {}), **{key: _base64(text) for key, text in texts.items()}}
        for field in ("data", "binaryData"):  # what is no text is not read
            for key in _binary_keys(resource, field):
                value[field][key] = theirs.get(field, {}).get(key)
        result[identity] = _canonical(value, {})
    return result


def _binary_keys(resource: Resource, field: str) -> list[str]:
    node = resource.root.mapping_at(field)
    entries = node.entries.items() if node is not None else ()
    return [key for key, value in entries if value.text == "" and value.source.path.endswith(".bin")]


def _base64(text: str | None) -> str:
    return base64.b64encode((text or "").encode()).decode()


def _canonical(value: Any, renamed: dict[str, str]) -> str:  # noqa: ANN401
    """A value as JSON, in which null is absent, 1.0 is 1, and names carry no hash."""

    def plain(value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, dict):
            return {key: plain(inner) for key, inner in value.items() if inner is not None}
        if isinstance(value, list):
            return [plain(inner) for inner in value]
        if isinstance(value, float) and value.is_integer():
            return int(value)
        return renamed.get(value, value) if isinstance(value, str) else value

    return json.dumps(plain(value), sort_keys=True)


def has_mistake(found: Build, repository: Repository) -> bool:
    """Whether lintkit says that a build fails, or that it cannot know: a problem, a gap or a defect of the YAML."""
    if found.problems or found.gaps:
        return True
    paths = [*found.files, *repository.kustomization_files(found.folder)]
    streams = [stream for path in paths if (stream := repository.stream(path)) is not None]
    return any(stream.error or any(part.defects for part in stream.documents) for stream in streams)
