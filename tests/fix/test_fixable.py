# ruff: noqa: E501 - the files of a case read as lines
"""Every rule that can repair what it finds: its own bad example has nothing left, and every comment is still there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from lintkit import configuration, engine
from lintkit.finding import Applicability
from lintkit.fix.loop import fixed
from lintkit.rules._rule import all_rules
from lintkit.syntax.comments import comments
from lintkit.syntax.parser import parse
from lintkit.text.source import Source
from tests.rules import examples

if TYPE_CHECKING:
    from pathlib import Path

    from lintkit.engine import Report
    from lintkit.finding import Finding
    from lintkit.fix.loop import Change, Outcome
    from lintkit.rules._rule import Rule

RULES = {rule.name: rule for rule in all_rules()}

# What one run with --unsafe-fixes leaves of the bad example: parts of the messages, where no edit is certain.
FIXABLE: dict[str, tuple[str, ...]] = {
    "ambiguous-scalar": (),
    "dangling-claim-ref": (),
    "dangling-configmap-ref": (),
    "dangling-gateway-ref": (),
    "dangling-issuer-ref": (),
    "dangling-object-ref": (),
    "dangling-port-ref": ("has no port `80`",),
    "dangling-secret-key": (),
    "dangling-secret-ref": (),
    "dangling-service-account-ref": (),
    "dangling-service-ref": (),
    "dangling-store-ref": (),
    "deprecated-api": (),
    "deprecated-kustomize-field": (),
    "invalid-kustomization": (),
    "invalid-substitution": ("`app-name` is no name of a variable",),
    "invalid-value": (),
    "irregular-app-folder": ("has no `app/kustomization.yaml`",),
    "misplaced-field": (),
    "missing-dag-path": (),
    "missing-dependency": (),
    "missing-depends-on": (),
    "missing-entry": (),
    "missing-health-check-target": (),
    "missing-namespace": ("has no namespace",),
    "missing-path": (),
    "missing-source": (),
    "missing-template-input": (),
    "removed-api": (),
    "undefined-variable": (),
    "unescaped-variable": (),
    "unknown-field": (),
    "unknown-helm-value": (),
    "unknown-kind": ("no schema of Widget",),
    "unlisted-file": (),
    "unmatched-patch": ("kind `Deployment`, name `web`",),
    "unquoted-string": (),
    "unused-suppression": (),
    "unwanted-sidecar-version": (),
    "worker-without-database": ("mounts neither airflow.cfg nor the DAGs",),
    "wrong-type": (),
}


def bad(rule: Rule) -> examples.Case:
    return next(case for case in examples.of_rule(rule) if case.name.endswith("bad"))


def repair(root: Path, rule: Rule, *, unsafe: bool = True) -> Outcome:
    (root / ".git").mkdir(exist_ok=True)
    options = configuration.load(root)
    options = replace(options, extend_select=(*options.extend_select, rule.name))
    rules = None if rule.category == "suppression" else (rule,)
    return fixed(root, options, unsafe=unsafe, rules=rules)


def of_rule(report: Report, rule: str) -> list[str]:
    return [finding.message for finding in report.findings if finding.rule == rule]


def kept_comments(path: str, change: Change, applied: tuple[Finding, ...]) -> None:
    """Every comment is still there, but for those on lines that an edit takes away."""
    before = Source(path, change.before or "")
    cut = {
        line
        for finding in applied
        for edit in (finding.fix.edits if finding.fix else ())
        if edit.path == path
        for line in range(before.position(edit.span.start)[0], before.position(edit.span.end)[0] + 1)
    }
    after = [change.after[span.start : span.end] for span in comments(parse(Source(path, change.after)))]
    for span in comments(parse(before)):
        text = before.text[span.start : span.end]
        if before.position(span.start)[0] not in cut:
            assert text in after, f"{path}: {text}"


@pytest.mark.parametrize("name", FIXABLE)
def test_the_bad_example_is_repaired(name: str, tmp_path: Path) -> None:
    case = bad(RULES[name])
    case.files = {
        path: f"# on top of {path}\n{text}" if path.endswith(".yaml") else text for path, text in case.files.items()
    }
    case.write(tmp_path)
    outcome = repair(tmp_path, RULES[name])
    left = of_rule(outcome.report, name)
    assert outcome.applied
    assert len(left) == len(FIXABLE[name]), left
    for text in FIXABLE[name]:
        assert any(text in message for message in left), left
    for path, change in outcome.changes.items():
        kept_comments(path, change, outcome.applied)
        (tmp_path / path).write_text(change.after, "utf-8")
    assert repair(tmp_path, RULES[name]).changes == {}


@pytest.mark.parametrize("name", sorted(set(RULES) - set(FIXABLE)))
def test_what_is_not_in_the_table_changes_nothing(name: str, tmp_path: Path) -> None:
    bad(RULES[name]).write(tmp_path)
    assert repair(tmp_path, RULES[name]).changes == {}


@pytest.mark.parametrize("name", ["duplicate-key", "plaintext-secret"])
def test_where_a_person_must_choose_there_is_a_hint(name: str, tmp_path: Path) -> None:
    case = bad(RULES[name])
    case.write(tmp_path)
    (tmp_path / ".git").mkdir()
    report = engine.check(tmp_path, root=tmp_path, rules=(RULES[name],))
    assert [one.fix.applicability for one in report.findings if one.fix] == [Applicability.DISPLAY]


CASES: dict[str, tuple[str, dict[str, str], dict[str, str]]] = {
    "an entry is put where the order has it": (
        "unlisted-file",
        {
            "app/kustomization.yaml": "resources:\n  # the app\n  - ./a.yaml\n  - ./c.yaml # last\n",
            "app/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
            "app/b.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n---\n"
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: d}\n",
            "app/c.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n",
        },
        {"app/kustomization.yaml": "resources:\n  # the app\n  - ./a.yaml\n  - ./b.yaml\n  - ./c.yaml # last\n"},
    ),
    "a kustomization that lists nothing yet": (
        "unlisted-file",
        {
            "app/kustomization.yaml": "kind: Kustomization\nresources: [] # none\n",
            "app/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
            "app/b.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n",
            "more/kustomization.yaml": "kind: Kustomization\nnamespace: x\n",
            "more/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: e}\n",
        },
        {
            "app/kustomization.yaml": "kind: Kustomization\nresources: # none\n  - ./a.yaml\n  - ./b.yaml\n",
            "more/kustomization.yaml": "kind: Kustomization\nnamespace: x\nresources:\n  - ./a.yaml\n",
        },
    ),
    "the last entry that names nothing": (
        "missing-entry",
        {
            "app/kustomization.yaml": "kind: Kustomization\nresources: # all\n  - gone.yaml\ncomponents: [../x, ../y]\n",
            "x/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n",
        },
        {"app/kustomization.yaml": "kind: Kustomization\nresources: [] # all\ncomponents: [../x]\n"},
    ),
    "an entry that climbs one level too few": (
        "missing-entry",
        {
            "apps/web/app/kustomization.yaml": "kind: Kustomization\ncomponents:\n  - ../common\n",
            "apps/common/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n",
        },
        {"apps/web/app/kustomization.yaml": "kind: Kustomization\ncomponents:\n  - ../../common\n"},
    ),
    "a file that is listed twice": (
        "duplicate-resource",
        {
            "app/kustomization.yaml": "resources:\n  - a.yaml\n  - ./a.yaml\n",
            "app/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n",
        },
        {"app/kustomization.yaml": "resources:\n  - a.yaml\n"},
    ),
    "deprecated fields": (
        "deprecated-kustomize-field",
        {
            "base/kustomization.yaml": "resources: []\n",
            "app/kustomization.yaml": "bases:\n  - ../base # b\ncommonLabels: # all\n  # of us\n  team: a\n"
            "patchesStrategicMerge:\n  - a.yaml # c\n  - |-\n    kind: X\n    metadata: {name: x} # y\n",
            "app/a.yaml": "kind: X\napiVersion: v1\nmetadata: {name: x}\n",
        },
        {
            "app/kustomization.yaml": "resources:\n  - ../base # b\nlabels: # all\n  - includeSelectors: true\n"
            "    pairs:\n      # of us\n      team: a\npatches:\n  - path: a.yaml # c\n"
            "  - patch: |-\n      kind: X\n      metadata: {name: x} # y\n",
        },
    ),
    "lists that are joined": (
        "deprecated-kustomize-field",
        {
            "base/kustomization.yaml": "resources: []\n",
            "app/kustomization.yaml": "bases:\n- ../base\nresources:\n- ../more\n",
            "more/kustomization.yaml": "resources: []\n",
        },
        {"app/kustomization.yaml": "resources:\n- ../more\n- ../base\n"},
    ),
    "the file of a generator": (
        "deprecated-kustomize-field",
        {
            "app/kustomization.yaml": "configMapGenerator:\n  - name: a\n    env: a.env # b\n",
            "app/a.env": "A=b\n",
        },
        {"app/kustomization.yaml": "configMapGenerator:\n  - name: a\n    envs: [a.env] # b\n"},
    ),
    "a variable that is set twice alike": (
        "duplicate-env",
        {
            "pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n    - name: a\n      env:\n"
            "        - name: A # one\n          value: b\n        - name: A\n          value: b\n",
        },
        {
            "pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n    - name: a\n      env:\n"
            "        - name: A # one\n          value: b\n",
        },
    ),
    "a HelmRelease of an old version": (
        "removed-api",
        {
            "a.yaml": "apiVersion: helm.toolkit.fluxcd.io/v2beta1\nkind: HelmRelease\nmetadata: {name: a}\nspec:\n"
            "  chart:\n    spec:\n      chart: a\n      valuesFile: prod.yaml # why\n",
        },
        {
            "a.yaml": "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: a}\nspec:\n"
            "  chart:\n    spec:\n      chart: a\n      valuesFiles:\n        - prod.yaml # why\n",
        },
    ),
    "patches of an old Kustomization": (
        "removed-api",
        {
            "a.yaml": "apiVersion: kustomize.toolkit.fluxcd.io/v1beta2\nkind: Kustomization\nmetadata: {name: a}\nspec:\n"
            "  patchesJson6902:\n    - target: {kind: X}\n      patch:\n      - op: remove # it\n        path: /a\n",
        },
        {
            "a.yaml": "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\nspec:\n"
            "  patches:\n    - target: {kind: X}\n      patch: |\n        - op: remove # it\n          path: /a\n",
        },
    ),
    "an Ingress of an old version": (
        "removed-api",
        {
            "a.yaml": "apiVersion: networking.k8s.io/v1beta1\nkind: Ingress\nmetadata: {name: a}\nspec:\n  rules:\n"
            "    - http:\n        paths:\n          - backend:\n              serviceName: a # s\n"
            "              servicePort: 80\n            path: /\n",
        },
        {
            "a.yaml": "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a}\nspec:\n  rules:\n"
            "    - http:\n        paths:\n          - backend:\n              service:\n                name: a # s\n"
            "                port:\n                  number: 80\n            path: /\n"
            "            pathType: ImplementationSpecific\n",
        },
    ),
    "fields that lost their indent": (
        "misplaced-field",
        {
            "a.yaml": "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: a\n  # how\n  accessModes: [a]\n"
            "  resources: # big\n    requests:\n      storage: 1Gi\n",
        },
        {
            "a.yaml": "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: a\nspec:\n  # how\n"
            "  accessModes: [a]\n  resources: # big\n    requests:\n      storage: 1Gi\n",
        },
    ),
    "quotes around a number": (
        "wrong-type",
        {
            "a.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  replicas: '2' # two\n"
            "  selector: {matchLabels: {a: b}}\n  template:\n    metadata: {labels: {a: b}}\n"
            "    spec: {containers: [{name: a, image: a}]}\n",
        },
        {
            "a.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  replicas: 2 # two\n"
            "  selector: {matchLabels: {a: b}}\n  template:\n    metadata: {labels: {a: b}}\n"
            "    spec: {containers: [{name: a, image: a}]}\n",
        },
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_a_fix_writes(name: str, tmp_path: Path) -> None:
    rule, files, expected = CASES[name]
    examples.Case(name, files).write(tmp_path)
    outcome = repair(tmp_path, RULES[rule])
    assert {path: change.after for path, change in outcome.changes.items()} == expected
    assert of_rule(outcome.report, rule) == []


def test_a_field_that_all_others_have_is_filled_in(tmp_path: Path) -> None:
    text = (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: {0}\nspec:\n"
        "  interval: 1h\n  path: ./x\n  prune: true\n"
    )
    source = "  sourceRef:\n    kind: GitRepository\n    name: home\n"
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(text.replace("{0}", name) + source, "utf-8")
    (tmp_path / "c.yaml").write_text(text.replace("{0}", "c"), "utf-8")
    outcome = repair(tmp_path, RULES["missing-field"])
    assert outcome.changes["c.yaml"].after == text.replace("{0}", "c") + source
    (tmp_path / "b.yaml").write_text((text + source).replace("{0}", "b").replace("home", "other"), "utf-8")
    assert repair(tmp_path, RULES["missing-field"]).changes == {}


def test_an_object_that_is_there_in_another_version_is_not_listed_again(tmp_path: Path) -> None:
    text = "apiVersion: helm.toolkit.fluxcd.io/{0}\nkind: HelmRelease\nmetadata: {name: web, namespace: a}\n"
    (tmp_path / "kustomization.yaml").write_text("resources: [all.yaml]\n", "utf-8")
    (tmp_path / "all.yaml").write_text(text.replace("{0}", "v2beta2"), "utf-8")
    (tmp_path / "web.yaml").write_text(text.replace("{0}", "v2"), "utf-8")
    outcome = repair(tmp_path, RULES["unlisted-file"])
    assert outcome.changes == {}
    (tmp_path / "web.yaml").write_text(text.replace("{0}", "v2").replace("name: web", "name: other"), "utf-8")
    outcome = repair(tmp_path, RULES["unlisted-file"])
    assert outcome.changes["kustomization.yaml"].after == "resources: [all.yaml, web.yaml]\n"
