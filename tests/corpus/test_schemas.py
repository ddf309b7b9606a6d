"""Objects of real repositories, held against schemas by lintkit and by kubeconform: the same verdicts.

The full schemas of custom kinds are the judge of lintkit's own ones as well: what they accept must pass.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from lintkit import configuration, engine
from lintkit.schema.catalog import Origin
from lintkit.schema.explain import is_undecided
from lintkit.schema.validation import Validation, plain
from tests.corpus.test_kustomize import ARCHIVES, NAMES, unpacked
from tests.schema.agreement import REFERENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lintkit.model.resource import Resource
    from lintkit.schema.violation import Violation

__all__ = ["unpacked"]
_BUILT_HERE = Path("/tmp/gobin/kubeconform")  # noqa: S108 - where the developers' machines keep it
KUBECONFORM = shutil.which("kubeconform") or (str(_BUILT_HERE) if _BUILT_HERE.exists() else "")
TEMPLATE = f"{REFERENCE}/{{{{.Group}}}}/{{{{.ResourceKind}}}}_{{{{.ResourceAPIVersion}}}}.json"
pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not ARCHIVES, reason="the real repositories of ../shared/corpus are not here"),
    pytest.mark.skipif(not REFERENCE.is_dir(), reason="the reference schemas are not on this machine"),
]
DISAGREE: dict[tuple[str, str, str], str] = {}
"""(repository, kind, name) -> why lintkit and kubeconform differ; values that a variable hides need no row."""
STRICTER: dict[tuple[str, str, str], str] = {}
"""(repository, kind, name) -> why lintkit's own schema refuses what the full one accepts."""


class Verdict(NamedTuple):
    """What kubeconform says of an object: nothing, or the paths that it complains of."""

    paths: tuple[str, ...]
    text: str


def validation(root: Path, *schemas: str) -> Validation:
    """A repository, with schemas of its configuration."""
    options = replace(configuration.load(root), schemas=schemas)
    return Validation(engine.load_tree(root, options))


@pytest.fixture(scope="module")
def judged_by_the_reference(unpacked: Callable[[str], Path]) -> Callable[[str], Validation]:
    """A repository with the full schemas; each is read once."""
    known: dict[str, Validation] = {}

    def read(name: str) -> Validation:
        if name not in known:
            known[name] = validation(unpacked(name), TEMPLATE)
        return known[name]

    return read


def with_full_schema(found: Validation) -> list[Resource]:
    """The objects of kinds that the reference has."""
    return [
        resource
        for resource in found.objects
        if (known := found.catalog.find(resource.group, resource.version, resource.kind)) is not None
        and known.origin is Origin.LOCAL
    ]


def refused(found: Validation, resource: Resource) -> list[Violation]:
    """What the schema of an object says against it; rules beside the schema do not count."""
    known = found.catalog.find(resource.group, resource.version, resource.kind)
    assert known is not None
    return [
        violation
        for violation in found.judge(resource)
        if violation.severity != "info" and violation.origin == f"{known.origin.value} {known.where}".strip()
    ]


def kubeconform(resources: list[Resource]) -> list[Verdict]:
    """What kubeconform says of each object, by the same schemas."""
    documents = []
    for resource in resources:
        value: dict[str, Any] = plain(resource.root)
        value.pop("sops", None)
        documents.append(json.dumps(value, ensure_ascii=False))
    ended = subprocess.run(
        [KUBECONFORM, "-strict", "-verbose", "-output", "json", "-n", "1", "-schema-location", TEMPLATE, "-"],
        input="\n---\n".join(documents), capture_output=True, text=True, check=False,
    )  # fmt: skip
    told = json.loads(ended.stdout)["resources"]
    assert len(told) == len(resources)
    return [
        Verdict((), "")
        if one["status"] == "statusValid"
        else Verdict(tuple(error["path"] for error in one.get("validationErrors") or ()), one["msg"])
        for one in told
    ]


def hidden(resource: Resource, verdict: Verdict) -> bool:
    """Whether variables or encryption hide every value that kubeconform complains of."""
    steps = [[int(step) if step.isdigit() else step for step in path.strip("/").split("/")] for path in verdict.paths]
    return bool(steps) and all(is_undecided(resource.root.at(*path)) for path in steps)


def disagreements(found: Validation) -> Iterator[tuple[Resource, str]]:
    """Objects that lintkit and kubeconform judge differently, and what each says."""
    resources = with_full_schema(found)
    for resource, verdict in zip(resources, kubeconform(resources), strict=True):
        violations = refused(found, resource)
        if bool(violations) != bool(verdict.text) and not hidden(resource, verdict):
            yield resource, f"lintkit: {[one.message for one in violations]}; kubeconform: {verdict.text}"


@pytest.mark.skipif(not KUBECONFORM, reason="no kubeconform binary is here")
@pytest.mark.parametrize("name", NAMES)
def test_lintkit_and_kubeconform_agree_on_every_object(
    name: str, judged_by_the_reference: Callable[[str], Validation]
) -> None:
    found = judged_by_the_reference(name)
    assert with_full_schema(found)
    differ = {(name, resource.kind, resource.name): text for resource, text in disagreements(found)}
    assert {key: text for key, text in differ.items() if key not in DISAGREE} == {}
    assert {key for key in DISAGREE if key[0] == name} <= set(differ), "rows that no longer differ"


@pytest.mark.parametrize("name", NAMES)
def test_what_the_full_schema_accepts_passes_lintkits_own(
    name: str, unpacked: Callable[[str], Path], judged_by_the_reference: Callable[[str], Validation]
) -> None:
    full, own = judged_by_the_reference(name), validation(unpacked(name))
    stricter: dict[tuple[str, str, str], list[str]] = {}
    judged = 0
    # the same files give the same objects in the same order
    for theirs, ours in zip(full.objects, own.objects, strict=True):
        key = (ours.group, ours.version, ours.kind)
        known, reference = own.catalog.find(*key), full.catalog.find(*key)
        assert theirs.id == ours.id
        # the reference does not have every kind that lintkit knows
        if known is None or known.origin is not Origin.LINTKIT or reference is None:
            continue
        if reference.origin is not Origin.LOCAL:
            continue
        judged += 1
        if not refused(full, theirs):
            messages = [violation.message for violation in refused(own, ours)]
            if messages:
                stricter[name, ours.kind, ours.name] = messages
    assert judged
    assert {key: text for key, text in stricter.items() if key not in STRICTER} == {}
    assert {key for key in STRICTER if key[0] == name} <= set(stricter), "rows that no longer differ"


@pytest.mark.skipif(not KUBECONFORM, reason="no kubeconform binary is here")
def test_a_disagreement_would_be_seen(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "app.yaml").write_text(
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  name: app\n"
        "spec:\n  interval: 1h\n  url: [https://example.com/app.git]\n"
        "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  name: free\n"
        "spec:\n  interval: ${INTERVAL}\n  url: https://example.com/app.git\n",
        "utf-8",
    )
    found = validation(tmp_path, TEMPLATE)
    first, second = with_full_schema(found)
    assert [one.message for one in refused(found, first)] == ["`spec.url` is a list, expected text"]
    verdicts = kubeconform([first, second])
    assert [one.paths for one in verdicts] == [("/spec/url",), ("/spec/interval",)]
    assert [hidden(first, verdicts[0]), hidden(second, verdicts[1])] == [False, True]
    assert list(disagreements(found)) == []
