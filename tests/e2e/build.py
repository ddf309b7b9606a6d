"""Builds every real component once, into a cache: a folder for each set of inputs, named by their digest."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
KUBERNETES = "v1.36.3"
SOURCE_CONTROLLER = "github.com/fluxcd/source-controller@v1.8.5"
EXTERNAL_SECRETS = "github.com/external-secrets/external-secrets@v0.20.4"
_VERSION = "k8s.io/component-base/version"
_KUBE_FLAGS = f"-s -w -X {_VERSION}.gitVersion={KUBERNETES} -X {_VERSION}.gitMajor=1 -X {_VERSION}.gitMinor=36"
_FLAGS = "-s -w"
_ENVIRONMENT = {"CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false -mod=readonly"}
_TRIES = 3


class BuildError(Exception):
    """A component cannot be had on this machine; the text says why."""


class Program(NamedTuple):
    """A program, and the package it is built from."""

    name: str
    module: str
    package: str
    flags: str = _FLAGS


PROGRAMS = (
    Program("kube", "real", ".", _KUBE_FLAGS),
    Program("kwok", "real", "sigs.k8s.io/kwok/cmd/kwok"),
    Program("kustomize-controller", "real", "github.com/fluxcd/kustomize-controller"),
    Program("helm-controller", "real", "github.com/fluxcd/helm-controller"),
    Program("loki", "real/loki", "github.com/grafana/loki/v3/cmd/loki"),
)


class Components(NamedTuple):
    """Where everything is.

    Attributes:
        programs: Name -> program.
        manifests: CRDs and the stages of kwok, a folder for each module.
        airflow: Folder with the program `airflow`.
    """

    programs: dict[str, Path]
    manifests: Path
    airflow: Path


def cache() -> Path:
    """The folder that is built into."""
    return Path(os.environ.get("LINTKIT_E2E_CACHE") or Path.home() / ".cache" / "lintkit-e2e")


def components() -> Components:
    """Where everything is, or will be."""
    programs = {one.name: _folder(one.module) / one.name for one in PROGRAMS}
    return Components(programs, _manifests(), _airflow() / "bin")


def missing() -> list[str]:
    """What is not built yet."""
    there = components()
    found = [name for name, program in there.programs.items() if not program.exists()]
    found += ["manifests"] if not there.manifests.exists() else []
    return found + (["airflow"] if not (_airflow() / "done").exists() else [])


def build() -> None:
    """Build what is missing, and remove what older inputs made.

    Raises:
        BuildError: Something cannot be downloaded or built.
    """
    with _alone():
        for module in dict.fromkeys(one.module for one in PROGRAMS):
            if any(not (_folder(one.module) / one.name).exists() for one in PROGRAMS if one.module == module):
                _timed(f"modules of {module}", ["go", "mod", "download"], HERE / module)
        if not _manifests().exists():
            _collect()
        for program in PROGRAMS:
            _build(program)
        if not (_airflow() / "done").exists():
            _install_airflow()
        _tidy()


def _build(program: Program) -> None:
    target = _folder(program.module) / program.name
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    made = target.with_suffix(".part")
    command = ["go", "build", "-ldflags", program.flags, "-o", str(made), program.package]
    _timed(program.name, command, HERE / program.module)
    made.rename(target)


def _collect() -> None:
    """The manifests that modules bring: CRDs, and the stages of kwok."""
    made = _manifests().with_suffix(".part")
    shutil.rmtree(made, ignore_errors=True)
    module = HERE / "real"
    for name, folders in {
        "github.com/fluxcd/kustomize-controller": ("config/crd/bases",),
        "github.com/fluxcd/helm-controller": ("config/crd/bases",),
        "sigs.k8s.io/kwok": ("kustomize/stage", "kustomize/crd/bases"),
    }.items():
        listed = subprocess.run(
            ["go", "list", "-m", "-f", "{{.Dir}}", name],
            cwd=module, capture_output=True, text=True, check=False, env=_environment(),
        )  # fmt: skip
        if listed.returncode:
            raise BuildError(listed.stderr.strip())
        _copy(Path(listed.stdout.strip()), folders, made / name.rpartition("/")[2])
    for name, folder in ((SOURCE_CONTROLLER, "config/crd/bases"), (EXTERNAL_SECRETS, "deploy/crds")):
        said = _timed(f"CRDs of {name}", ["go", "mod", "download", "-json", name], HERE, keep=True)
        _copy(Path(json.loads(said)["Dir"]), (folder,), made / name.rpartition("/")[2].partition("@")[0])
    _make_writable(made)
    made.rename(_manifests())


def _copy(module: Path, folders: tuple[str, ...], target: Path) -> None:
    for folder in folders:
        for source in sorted((module / folder).rglob("*.yaml")):
            copy = target / source.relative_to(module)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)


def _make_writable(folder: Path) -> None:
    for one in folder.rglob("*"):
        one.chmod(0o755 if one.is_dir() else 0o644)


def _install_airflow() -> None:
    folder = _airflow()
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    _timed("environment of Airflow", [sys.executable, "-m", "venv", str(folder)], HERE)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    _timed("Airflow", [*pip, "--no-deps", "--requirement", str(HERE / "airflow.txt")], HERE)
    (folder / "done").touch()


def _timed(name: str, command: list[str], folder: Path, *, keep: bool = False) -> str:
    """Run a step that may need the network; try again when it fails."""
    began = time.monotonic()
    said = ""
    for attempt in range(_TRIES):
        ended = subprocess.run(command, cwd=folder, env=_environment(), text=True, check=False, capture_output=True)
        said = ended.stderr.strip() or ended.stdout.strip()
        if ended.returncode == 0:
            print(f"e2e: {name}: {time.monotonic() - began:.0f} s", flush=True)
            return ended.stdout if keep else ""
        time.sleep(2**attempt)
    message = f"{name}: `{' '.join(command[:4])} ...` fails: {said[-1500:]}"
    raise BuildError(message)


def _environment() -> dict[str, str]:
    return {**os.environ, **_ENVIRONMENT}


def _folder(module: str) -> Path:
    inputs = [HERE / module / name for name in ("go.mod", "go.sum", "main.go")]
    flags = [f"{one.package} {one.flags}" for one in PROGRAMS if one.module == module]
    return cache() / f"{module.replace('/', '-')}-{_digest(inputs, *flags)}"


def _manifests() -> Path:
    return cache() / f"manifests-{_digest([HERE / 'real' / 'go.mod'], SOURCE_CONTROLLER, EXTERNAL_SECRETS)}"


def _airflow() -> Path:
    version = ".".join(map(str, sys.version_info[:2]))
    return cache() / f"airflow-{_digest([HERE / 'airflow.txt'], version)}"


def _digest(files: list[Path], *texts: str) -> str:
    found = hashlib.sha256()
    for file in files:
        found.update(file.read_bytes() if file.exists() else b"")
    found.update("\0".join(texts).encode())
    return found.hexdigest()[:16]


def _tidy() -> None:
    kept = {_folder(one.module).name for one in PROGRAMS} | {_manifests().name, _airflow().name}
    for folder in cache().iterdir():
        if folder.is_dir() and folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _alone() -> Iterator[None]:
    """Only one process builds at a time."""
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
