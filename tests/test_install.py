"""lintkit as others install it: the wheel and the source archive, what is in them, and the container file."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.corpus.trees import SAFELY

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)
LARGEST = 3_000_000
SOURCES = ("lintkit", "schemas", "share", "templates")
EPOCH = "1700000000"


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """What a program prints; it must end with 0."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LINTKIT_"))}
    done = subprocess.run(
        command, cwd=cwd, env={**own, **environment}, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == 0, f"{shlex.join(map(str, command))}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def copied(folder: Path) -> Path:
    """What a checkout has of the sources, in another folder, at other times, for nobody else to read."""
    folder.mkdir(parents=True)
    for name in (*SOURCES, "docs", "tests"):
        shutil.copytree(
            ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"), copy_function=shutil.copy
        )
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore", "CONTRIBUTING.md", "constraints.txt"):
        shutil.copy(ROOT / name, folder / name)
    for path in folder.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return folder


def built(source: Path, into: Path, kind: str = "wheel", **environment: str) -> Path:
    """Build an archive with the backend of `pyproject.toml`."""
    into.mkdir(parents=True, exist_ok=True)
    code = f"import hatchling.build as backend; print(backend.build_{kind}({str(into)!r}))"
    return into / run(sys.executable, "-c", code, cwd=source, **environment).splitlines()[-1]


def hashed(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(ROOT, tmp_path_factory.mktemp("wheel"), SOURCE_DATE_EPOCH=EPOCH)


def test_a_wheel_is_small_and_complete(wheel: Path) -> None:
    assert wheel.stat().st_size < LARGEST
    with ZipFile(wheel) as archive:
        names = set(archive.namelist())
        assert "lintkit = lintkit.cli.main:main" in archive.read("lintkit-0.1.0.dist-info/entry_points.txt").decode()
    listed = run("git", "ls-files", "-z", *SOURCES, cwd=ROOT).rstrip("\0").split("\0")
    homes = {"schemas": "lintkit/_data/schemas", "templates": "lintkit/_data/templates"}
    homes["share"] = "lintkit-0.1.0.data/data/share"
    wanted = {
        f"{homes.get(first, first)}/{rest}"
        for first, _, rest in (path.partition("/") for path in listed if (ROOT / path).is_file())
    }
    assert sorted(wanted - names) == []
    for path in (
        "lintkit/py.typed",
        "lintkit-0.1.0.dist-info/licenses/LICENSE",
        f"{homes['share']}/man/man1/lintkit.1",
    ):
        assert path in names
    others = [name for name in names if not name.startswith(("lintkit/", "lintkit-0.1.0.dist-info/", homes["share"]))]
    assert others == []
    assert not [name for name in names if name.endswith((".pyc", "~")) or "__pycache__" in name]


@pytest.mark.slow
def test_a_wheel_is_the_same_wherever_and_whenever_it_is_built(wheel: Path, tmp_path: Path) -> None:
    source = copied(tmp_path / "elsewhere" / "source")
    again = built(source, tmp_path / "again", SOURCE_DATE_EPOCH=EPOCH, TZ="Asia/Kathmandu", LC_ALL="C")
    assert (again.name, hashed(again)) == (wheel.name, hashed(wheel))
    other = built(source, tmp_path / "other", SOURCE_DATE_EPOCH="1800000000")
    assert hashed(other) != hashed(wheel)


@pytest.mark.slow
def test_a_source_archive_is_the_same_too_and_makes_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    archive = built(ROOT, tmp_path / "one", "sdist", SOURCE_DATE_EPOCH=EPOCH)
    again = built(copied(tmp_path / "source"), tmp_path / "two", "sdist", SOURCE_DATE_EPOCH=EPOCH)
    assert hashed(archive) == hashed(again)
    with tarfile.open(archive) as opened:
        opened.extractall(tmp_path / "unpacked", **SAFELY)
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    assert hashed(built(unpacked, tmp_path / "three", SOURCE_DATE_EPOCH=EPOCH)) == hashed(wheel)


@pytest.mark.slow
def test_a_wheel_finds_what_a_checkout_finds(wheel: Path, tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    with ZipFile(wheel) as archive:
        archive.extractall(inside)
    code = "from lintkit import resources; print(resources.folder('schemas'))"
    where = run(sys.executable, "-P", "-c", code, cwd=tmp_path, PYTHONPATH=str(inside)).strip()
    assert where == str(inside / "lintkit" / "_data" / "schemas")
    check = ("-P", "-m", "lintkit", "check", "--quiet", "--root", ROOT, ROOT / "kubernetes")
    assert run(sys.executable, *check, cwd=tmp_path, PYTHONPATH=str(inside)) == run(
        sys.executable, *check, cwd=tmp_path
    )


def interpreters() -> dict[str, Path]:
    """Version -> program, for every CPython of this machine that lintkit is for."""
    found: dict[str, Path] = {f"{sys.version_info[0]}.{sys.version_info[1]}": Path(sys.executable)}
    for minor in range(OLDEST[1], 20):
        version = f"{OLDEST[0]}.{minor}"
        places = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))
        on_path = shutil.which(f"python{version}")
        candidates = [*reversed(places), *([Path(on_path)] if on_path else [])]
        works = next((one for one in candidates if _works(one)), None)
        if works is not None:
            found.setdefault(version, works)
    return found


def _works(program: Path) -> bool:
    done = subprocess.run([program, "-c", "import ensurepip, venv"], capture_output=True, check=False)
    return done.returncode == 0


def pinned(folder: Path, *names: str) -> list[str]:
    """The locked requirements of the tests, in a file without hashes, and the option that names it."""
    text = (ROOT / "constraints-dev.txt").read_text("utf-8")
    path = folder / "pins.txt"
    path.write_text("\n".join(re.findall(r"^[\w.-]+==[^\s\\]+(?: ; [^\\\n]+)?", text, re.MULTILINE)) + "\n", "utf-8")
    return ["--constraint", str(path), *names]


@pytest.mark.slow
@pytest.mark.parametrize("version", interpreters())
def test_a_wheel_in_a_clean_environment_passes_the_tests_of_the_command_line(
    wheel: Path, tmp_path: Path, version: str
) -> None:
    run(interpreters()[version], "-m", "venv", tmp_path / "venv", cwd=tmp_path)
    python = tmp_path / "venv" / "bin" / "python"
    pip = (python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
    run(*pip, "--require-hashes", "--no-deps", "-r", ROOT / "constraints.txt", cwd=tmp_path)
    run(*pip, "--no-deps", wheel, cwd=tmp_path)
    run(*pip, *pinned(tmp_path, "pytest"), cwd=tmp_path)
    here = tmp_path / "tests-alone"  # without the package: what is installed is what is tested
    for name in ("tests", "kubernetes", "docs", "examples", "tools"):
        shutil.copytree(ROOT / name, here / name, ignore=shutil.ignore_patterns("__pycache__", "e2e"))
    for name in ("pyproject.toml", ".lintkit.yaml", "README.md"):
        shutil.copy(ROOT / name, here)
    code = "import lintkit, sys; print(lintkit.__file__, sys.version_info[:2])"
    said = run(python, "-c", code, cwd=here)
    assert said.startswith(str(tmp_path / "venv"))
    assert said.endswith(f"({version.replace('.', ', ')})\n")
    tests = (
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-m",
        "not slow",
        "tests/cli",
        "tests/report/test_formats.py",
    )
    passed = run(python, *tests, cwd=here, PATH=f"{python.parent}{os.pathsep}{os.environ['PATH']}")
    assert re.search(r"^\d+ passed", passed, re.MULTILINE), passed
    page = tmp_path / "venv" / "share" / "man" / "man1" / "lintkit.1"
    assert page.read_bytes() == (ROOT / "share" / "man" / "man1" / "lintkit.1").read_bytes()
    assert run(python.parent / "lintkit", "--version", cwd=here) == "lintkit, version 0.1.0\n"


INSTRUCTION = re.compile(r"^([A-Z]+) (.+)$", re.MULTILINE)


def stages() -> list[list[tuple[str, str]]]:
    """The instructions of the container file, stage by stage; those before the first stage are left out."""
    found: list[list[tuple[str, str]]] = []
    for name, rest in INSTRUCTION.findall((ROOT / "Containerfile").read_text("utf-8").replace("\\\n", "")):
        if name == "FROM":
            found.append([])
        if found:
            found[-1].append((name, rest))
    return found


def test_the_container_runs_as_nobody_and_starts_lintkit() -> None:
    build, final = stages()
    assert [rest for name, rest in final if name == "USER"] == ["65532:65532"]
    assert ("ENTRYPOINT", '["lintkit"]') in final
    order = [name for name, _ in final]
    assert order.index("USER") > max(number for number, name in enumerate(order) if name in {"RUN", "COPY"})
    assert all(rest.startswith("docker.io/library/python:${PYTHON}-alpine") for (_, rest), *_ in (build, final))


def test_the_container_file_copies_what_is_there_and_what_the_ignore_file_lets_through() -> None:
    let_through = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    copied_ones = [word for name, rest in stages()[0] if name == "COPY" for word in rest.split()[:-1]]
    assert set(SOURCES) < set(copied_ones)
    for one in copied_ones:
        assert (ROOT / one).exists()
        assert f"!{one}" in let_through


@pytest.mark.slow
def test_the_commands_of_the_container_file_make_a_lintkit_that_runs(tmp_path: Path) -> None:
    """Its build stage without an engine: the same commands, in another folder, with a Python of this machine."""
    source, target = tmp_path / "src", tmp_path / "lintkit"
    source.mkdir()
    tools = tmp_path / "tools"
    python = interpreters()["3.13"] if "3.13" in interpreters() else Path(sys.executable)
    run(python, "-m", "venv", tools, cwd=tmp_path)
    for name, rest in stages()[0]:
        if name == "COPY":
            *sources, into = rest.split()
            for one in sources:
                copy = shutil.copytree if (ROOT / one).is_dir() else shutil.copy
                copy(ROOT / one, source / (into if (ROOT / one).is_dir() else one))
        elif name == "RUN":
            command = rest.replace("/opt/lintkit", str(target))
            run("sh", "-euc", command, cwd=source, PATH=f"{tools / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin")
    assert run(target / "bin" / "lintkit", "check", "--quiet", "--root", ROOT, ROOT / "kubernetes", cwd=tmp_path) == ""
