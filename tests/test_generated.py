"""What is made from something else is up to date."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import jsonschema
import pytest
from packaging.requirements import Requirement

from lintkit import configuration
from lintkit.errors import ConfigurationError

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
SCHEMA = json.loads((ROOT / "docs" / "schemas" / "configuration.json").read_text("utf-8"))


def test_pages_and_schemas_are_what_make_docs_writes() -> None:
    run = subprocess.run(
        [sys.executable, "tools/generate_docs.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (run.stdout, run.stderr, run.returncode) == ("", "", 0)


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("constraints.txt", PROJECT["project"]["dependencies"]),
        ("constraints-dev.txt", [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]),
    ],
)
def test_the_lock_has_every_dependency_in_a_version_that_fits(lock: str, wanted: list[str]) -> None:
    text = (ROOT / lock).read_text("utf-8")
    locked = {_name(found[1]): found[2] for found in re.finditer(r"^([\w.-]+)==([^\s;]+)", text, re.MULTILINE)}
    for one in map(Requirement, wanted):
        assert _name(one.name) in locked, f"{one} is not in {lock}; `make lock` writes it"
        assert one.specifier.contains(locked[_name(one.name)]), f"{one} does not fit {lock}; `make lock` writes it"


def _name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_schema_of_the_configuration_is_a_schema() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "text",
    [
        "exclude: [archive/]\nignore: [secrets, {rule: missing-path, path: 'a/**', reason: later}]\n",
        "ignore: [{rule: '*', resource: 'Secret/*', reason: generated}]\n",
        "severity: {missing-path: info}\nfail-on: error\nflux-version: '2.6'\n",
        "external: [{kind: Secret, name: a, keys: [x]}]\nimages: [{image: '*/vector', version: '~0.39'}]\n",
    ],
)
def test_reader_and_schema_both_take(text: str) -> None:
    configuration.read_yaml(text, ".lintkit.yaml")
    jsonschema.validate(_plain(text), SCHEMA)


@pytest.mark.parametrize(
    "text",
    [
        "exclud: [x]\n",
        "ignore: [{rule: missing-path}]\n",
        "fail-on: fatal\n",
        "exclude: x\n",
        "flux-version: latest\n",
        "external: [{name: a}]\n",
        "ignore: [{rule: missing-path, reason: x, place: 1}]\n",
    ],
)
def test_reader_and_schema_both_refuse(text: str) -> None:
    with pytest.raises(ConfigurationError):
        configuration.read_yaml(text, ".lintkit.yaml")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(_plain(text), SCHEMA)


def test_the_schema_knows_the_names_of_rules() -> None:
    with pytest.raises(jsonschema.ValidationError, match="missing-pathh"):
        jsonschema.validate({"severity": {"missing-pathh": "info"}}, SCHEMA)


def _plain(text: str) -> object:
    import yaml  # noqa: PLC0415 - only here, and only for texts of this file

    return yaml.safe_load(text)
