"""Rules of a repository: run, listed, suppressed, tested, and their mistakes named with file and line."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from lintkit import configuration, engine
from lintkit.cli.main import lintkit
from lintkit.errors import ConfigurationError

if TYPE_CHECKING:
    from lintkit.engine import Report

LIMITS = """\
name: missing-limit
summary: A container has no memory limit.
severity: warning
match:
  kind: [Deployment, StatefulSet]
each: spec.template.spec.containers
at: resources.limits
expression: item.?resources.?limits.?memory.hasValue()
messageExpression: "'container `%s` has no memory limit'.format([item.name])"
why: A container without a limit takes the memory of the others.
examples:
  bad:
    app.yaml: |
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: web
      spec:
        template:
          spec:
            containers:
              - name: main # warning: container `main` has no memory limit
                image: a
  good:
    app.yaml: |
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: web
      spec:
        template:
          spec:
            containers:
              - name: main
                resources:
                  limits:
                    memory: 1Gi
"""
WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  template:
    spec:
      containers:
        - name: main
          image: a:1
        - name: side
          image: b:1
          resources:
            limits:
              cpu: 1
        - name: good
          resources:
            limits:
              memory: 1Gi
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: shop
spec:
  type: LoadBalancer
  ports:
    - port: 80
"""


def write(root: Path, files: dict[str, str]) -> Path:
    (root / ".git").mkdir(exist_ok=True)
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    return root


def check(root: Path, files: dict[str, str], config: str = "select: [custom]\n") -> Report:
    write(root, {".lintkit.yaml": config, **files})
    return engine.check(root, root=root)


def found(report: Report) -> list[tuple[str, int, str, str, str]]:
    return [(one.path, one.position[0], str(one.severity), one.rule, one.message) for one in report.findings]


def service_rule(**given: str) -> str:
    fields = {"name": "bad-service", "summary": "A service is bad.", "match": "{kind: Service}", **given}
    return "".join(f"{key}: {value}\n" for key, value in fields.items())


def test_a_rule_judges_each_element(tmp_path: Path) -> None:
    report = check(tmp_path, {".lintkit/rules/limits.yaml": LIMITS, "app/web.yaml": WEB})
    assert found(report) == [
        ("app/web.yaml", 10, "warning", "missing-limit", "container `main` has no memory limit"),
        ("app/web.yaml", 15, "warning", "missing-limit", "container `side` has no memory limit"),
    ]


def test_a_finding_stands_at_the_value_or_the_nearest_key(tmp_path: Path) -> None:
    rule = service_rule(expression="object.spec.type != 'LoadBalancer'", at="spec.type", message="no load balancers")
    other = service_rule(
        name="no-policy", expression="has(object.spec.externalTrafficPolicy)", at="spec.externalTrafficPolicy"
    )
    report = check(tmp_path, {".lintkit/rules/a.yaml": f"{rule}---\n{other}", "web.yaml": SERVICE})
    assert found(report) == [
        ("web.yaml", 6, "error", "no-policy", "`has(object.spec.externalTrafficPolicy)` is false"),
        ("web.yaml", 7, "error", "bad-service", "no load balancers"),
    ]


@pytest.mark.parametrize(
    ("match", "hits"),
    [
        ("{kind: Service}", True),
        ("{kind: v1/Service}", False),
        ("{group: '', kind: Service, namespace: sh*}", True),
        ("{group: apps}", False),
        ("{namespace: other}", False),
        ("{name: w?b}", True),
        ("{labels: {app: x}}", False),
        ("{paths: apps/**}", False),
        ("{paths: ['**/web.yaml']}", True),
    ],
)
def test_match(tmp_path: Path, match: str, hits: bool) -> None:
    rule = service_rule(match=match, expression="false", message="hit")
    report = check(tmp_path, {".lintkit/rules/a.yaml": rule, "app/web.yaml": SERVICE})
    assert [one[:2] for one in found(report)] == ([("app/web.yaml", 4)] if hits else [])


def test_a_rule_sees_what_kustomize_adds(tmp_path: Path) -> None:
    rule = service_rule(
        match="{kind: Service, namespace: blue, labels: {team: web}}",
        expression="object.metadata.namespace != 'blue' || object.metadata.labels.team != 'web'",
        at="metadata.labels.team",
        message="team",
    )
    kustomization = "namespace: blue\nlabels:\n  - pairs:\n      team: web\nresources: [web.yaml]\n"
    report = check(
        tmp_path, {".lintkit/rules/a.yaml": rule, "app/web.yaml": SERVICE, "app/kustomization.yaml": kustomization}
    )
    assert found(report) == [("app/kustomization.yaml", 4, "error", "bad-service", "team")]


def test_over_the_tree(tmp_path: Path) -> None:
    rule = """\
name: service-without-budget
summary: A service has no disruption budget beside it.
scope: tree
match: {kind: Service}
variables:
  - name: budgets
    expression: byKind[?'PodDisruptionBudget'].orValue([])
  - name: wanted
    expression: "'%s-budget'.format([object.metadata.name])"
expression: |
  variables.budgets.exists(b,
    b.metadata.namespace == object.metadata.namespace && b.metadata.name == variables.wanted) &&
  ('PodDisruptionBudget/%s/%s'.format([object.metadata.namespace, variables.wanted])) in byName &&
  resources.exists(r, r.kind == 'PodDisruptionBudget')
messageExpression: "'nothing named `' + variables.wanted + '` among ' + string(resources.size()) + ' objects'"
"""
    budget = "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: web-budget\n  namespace: shop\n"
    report = check(tmp_path, {".lintkit/rules/a.yaml": rule, "web.yaml": SERVICE})
    assert found(report) == [
        ("web.yaml", 4, "error", "service-without-budget", "nothing named `web-budget` among 1 objects")
    ]
    assert not check(tmp_path, {"budget.yaml": budget}).findings


def test_what_holds_an_unknown_variable_is_not_judged(tmp_path: Path) -> None:
    rule = service_rule(
        expression="object.spec.type == 'ClusterIP' && int(object.spec.ports[0].port) < 90", at="spec.type"
    )
    text = SERVICE.replace("LoadBalancer", "${TYPE}")
    assert not check(tmp_path, {".lintkit/rules/a.yaml": rule, "web.yaml": text}).findings
    text = SERVICE.replace("LoadBalancer", "ClusterIP").replace("80", "${PORT}")
    assert not check(tmp_path, {"web.yaml": text}).findings


def test_what_holds_an_unknown_variable_elsewhere_is_judged(tmp_path: Path) -> None:
    rule = service_rule(expression="has(object.spec.selector)", message="no selector")
    report = check(tmp_path, {".lintkit/rules/a.yaml": rule, "web.yaml": SERVICE.replace("80", "${PORT}")})
    assert found(report) == [("web.yaml", 4, "error", "bad-service", "no selector")]


def test_selected_ignored_suppressed_and_graded_like_any_rule(tmp_path: Path) -> None:
    rule = service_rule(expression="false", message="hit")
    files = {".lintkit/rules/a.yaml": rule, "web.yaml": SERVICE}
    assert "bad-service" in {one.rule for one in check(tmp_path, files, "").findings}
    assert not check(tmp_path, files, "select: [flux]\n").findings
    assert not check(tmp_path, files, "select: [custom]\nignore: [bad-service]\n").findings
    accepted = "select: [custom]\nignore: [{rule: bad-service, resource: Service/shop/web, reason: old}]\n"
    assert not check(tmp_path, files, accepted).findings
    graded = check(tmp_path, files, "select: [bad-service]\nseverity: {bad-service: info}\n")
    assert [str(one.severity) for one in graded.findings] == ["info"]
    comment = SERVICE.replace("name: web", "name: web # lintkit: ignore[bad-service] known")
    report = check(tmp_path, {**files, "web.yaml": comment})
    assert not report.findings
    assert [one.finding.rule for one in report.suppressed] == ["bad-service"]
    off = check(tmp_path, {".lintkit/rules/a.yaml": f"{rule}enabled: false\n", "web.yaml": SERVICE}, "")
    assert "bad-service" not in {one.rule for one in off.findings}


@pytest.mark.parametrize("config", ["select: [bad-service]\n", "select: [custom]\nseverity: {bad-service: warning}\n"])
def test_the_command_line_takes_its_name_from_the_configuration(tmp_path: Path, config: str) -> None:
    rule = service_rule(expression="false", message="hit", severity="warning")
    write(tmp_path, {".lintkit/rules/a.yaml": rule, "web.yaml": SERVICE, ".lintkit.yaml": config})
    code, out = run("check", "--output", "concise", "--quiet", "--root", str(tmp_path), str(tmp_path))
    assert (code, out) == (1, "web.yaml:4:9: warning: hit [bad-service]\n")


def test_no_secret_in_a_message(tmp_path: Path) -> None:
    manifest = (
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: b}\nstringData:\n  password: tiger-hunt-42\n"
    )
    rule = service_rule(
        match="{kind: Secret}", expression="false", messageExpression="('it is ' + object.stringData.password)"
    )
    report = check(tmp_path, {".lintkit/rules/a.yaml": rule, "s.yaml": manifest})
    assert [one.message for one in report.findings] == ["it is …"]
    rule = service_rule(match="{kind: Secret}", expression="int(object.stringData.password) == 1")
    with pytest.raises(ConfigurationError) as raised:
        check(tmp_path, {".lintkit/rules/a.yaml": rule})
    assert "tiger" not in str(raised.value)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("name: [", "1:8: did not find expected node content"),
        ("- a\n", "1:1: a rule is a mapping with `name`, `summary` and `expression`"),
        ("name: a\nsummary: b\n", "1:1:  needs `expression`"),
        (service_rule(expression="true", mach="x"), "5:1: `mach` is no option; did you mean `match`?"),
        (service_rule(expression="true", scope="all"), "5:8: scope is one of resource, tree, not `all`"),
        (service_rule(name="Bad_Name", expression="true"), "1:7: name is `Bad_Name`, which is not of the form"),
        (
            service_rule(name="dangling-secret-ref", expression="true"),
            "1:7: the name `dangling-secret-ref` is taken: built in",
        ),
        (service_rule(name="flux", expression="true"), "1:7: the name `flux` is taken: a category"),
        (service_rule(expression="true", at="spec..x"), "5:5: `spec..x` is no path"),
        (
            service_rule(expression="true && objekt.x"),
            "4:21: the expression: `objekt` is no variable; did you mean `object`?",
        ),
        (service_rule(expression="|\n  true &&\n  foo(1)"), "6: the expression: `foo` is no function"),
        (service_rule(expression="resources.size() > 1"), "4:13: the expression: `resources` is no variable"),
        (
            service_rule(expression="1 + 1"),
            "4:13: the rule `bad-service` has no value: gives int; expected true or false",
        ),
        (
            service_rule(expression="object.spec.policy == 'x'"),
            "no such key: `policy` for Service/shop/web (web.yaml:4); `has(...)` or `.?` asks whether it is there",
        ),
        (
            service_rule(expression="lists.range(99999).all(x, lists.range(99999).all(y, x + y >= 0))"),
            "4:13: the rule `bad-service` took more than 1,000,000 steps for Service/shop/web (web.yaml:4)",
        ),
    ],
)
def test_mistakes_in_a_rule_file(tmp_path: Path, rule: str, message: str) -> None:
    write(tmp_path, {".lintkit/rules/a.yaml": rule, "web.yaml": SERVICE})
    result = CliRunner().invoke(lintkit, ["check", str(tmp_path)], standalone_mode=False)
    assert isinstance(result.exception, ConfigurationError)
    assert result.exception.exit_code == 2
    shown = str(result.exception)
    assert shown.startswith(".lintkit/rules/a.yaml:")
    assert message in shown


def test_a_rule_that_is_costly_for_many_objects_ends_quickly(tmp_path: Path) -> None:
    rule = service_rule(expression="lists.range(70000).all(x, x >= 0)")
    services = "---\n".join(SERVICE.replace("name: web", f"name: web-{number}") for number in range(200))
    write(tmp_path, {".lintkit/rules/a.yaml": rule, "web.yaml": services})
    started = perf_counter()
    with pytest.raises(ConfigurationError, match="took more than 10,000,000 steps"):
        engine.check(tmp_path, root=tmp_path)
    assert perf_counter() - started < 20


def test_links_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path, {"rule.txt": service_rule(expression="true"), "web.yaml": SERVICE, ".lintkit/rules/.keep": ""})
    (tmp_path / ".lintkit/rules/a.yaml").symlink_to(tmp_path / "rule.txt")
    with pytest.raises(ConfigurationError, match="is no file; links are not followed"):
        engine.check(tmp_path, root=tmp_path)
    (tmp_path / "other").mkdir()
    other = write(tmp_path / "other", {"web.yaml": SERVICE})
    (other / ".lintkit").symlink_to(tmp_path / ".lintkit")
    with pytest.raises(ConfigurationError, match="is a link; links are not followed"):
        engine.check(other, root=other)


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(lintkit, arguments, standalone_mode=False)
    assert result.exception is None, result.exception
    return result.return_value, result.output


def test_rule_lists_shows_and_tests(tmp_path: Path) -> None:
    write(tmp_path, {".lintkit/rules/limits.yaml": LIMITS})
    root = ("--root", str(tmp_path))
    assert "custom:\n  missing-limit" in run("rule", *root)[1]
    code, page = run("rule", "missing-limit", *root)
    assert code == 0
    assert "Category `custom`, warning, from `.lintkit/rules/limits.yaml`." in page
    assert "## Why\nA container without a limit takes the memory of the others." in page
    assert "```cel\nitem.?resources.?limits.?memory.hasValue()\n```" in page
    assert run("rule", "--test", *root) == (0, "missing-limit: ok\n")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("has no memory limit\n     ", "lacks one\n     ", "bad: app.yaml:9: expected warning: container `main` lacks"),
        (" # warning: container `main` has no memory limit", "", ""),
        ("memory: 1Gi", "cpu: 1", "good: app.yaml:11: not expected warning: container `main` has no memory limit"),
        ("hasValue()", "hasValue() || true", "bad: app.yaml:9: expected warning"),
    ],
)  # fmt: skip
def test_wrong_examples(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in LIMITS
    write(tmp_path, {".lintkit/rules/limits.yaml": LIMITS.replace(old, new)})
    code, output = run("rule", "missing-limit", "--test", "--root", str(tmp_path))
    assert code == bool(message)
    assert message in output


def test_the_language_is_imported_only_when_a_rule_must_run(tmp_path: Path) -> None:
    write(tmp_path, {".lintkit/rules/limits.yaml": LIMITS, "web.yaml": WEB})
    program = (
        "import sys\nfrom lintkit import engine, configuration\nfrom dataclasses import replace\n"
        "from pathlib import Path\nroot = Path(sys.argv[1])\n"
        "options = replace(configuration.load(root), select=(sys.argv[2],))\n"
        "engine.check(root, root=root, options=options)\nprint('celpy' in sys.modules, 're2' in sys.modules)\n"
    )
    for select, expected in (("flux", "False False\n"), ("custom", "True True\n")):
        done = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path), select], capture_output=True, text=True, check=True
        )
        assert done.stdout == expected


def test_without_the_package_the_message_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "celpy.celparser", None)
    write(tmp_path, {".lintkit/rules/limits.yaml": LIMITS, "web.yaml": WEB})
    result = CliRunner().invoke(lintkit, ["check", str(tmp_path)], standalone_mode=False)
    assert str(result.exception) == "custom rules need the package cel-python: pip install 'lintkit[cel]'"


def test_a_tree_without_rule_files_has_none(tmp_path: Path) -> None:
    write(tmp_path, {"web.yaml": SERVICE})
    assert configuration.load(tmp_path)
    assert run("rule", "--test", "--root", str(tmp_path)) == (0, "no rules in .lintkit/rules\n")


def test_the_plain_message_takes_the_place_of_a_message_expression_that_fails(tmp_path: Path) -> None:
    rule = service_rule(expression="false", message="plain", messageExpression="object.spec.nothing")
    report = check(tmp_path, {".lintkit/rules/a.yaml": rule, "web.yaml": SERVICE})
    assert [one.message for one in report.findings] == ["plain"]


def test_the_rules_in_the_docs_run(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "custom-rules.md").read_text("utf-8")
    blocks = re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    write(tmp_path, {f".lintkit/rules/{number}.yaml": block for number, block in enumerate(blocks)})
    assert run("rule", "missing-limit", "--test", "--root", str(tmp_path)) == (0, "missing-limit: ok\n")
    budget = "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: web-budget\n  namespace: shop\n"
    report = check(tmp_path, {"web.yaml": SERVICE})
    assert [one[:2] + one[3:4] for one in found(report)] == [("web.yaml", 4, "missing-budget")]
    assert not check(tmp_path, {"budget.yaml": budget}).findings


def test_many_rules_share_what_they_may_take(tmp_path: Path) -> None:
    rules = [
        service_rule(name=f"rule-{number}", expression="lists.range(70000).all(x, x >= 0)") for number in range(50)
    ]
    services = "---\n".join(SERVICE.replace("name: web", f"name: web-{number}") for number in range(20))
    write(tmp_path, {".lintkit/rules/a.yaml": "---\n".join(rules), "web.yaml": services})
    with pytest.raises(ConfigurationError, match="took more than 2,000,000 steps"):
        engine.check(tmp_path, root=tmp_path)
    rules = [service_rule(name=f"rule-{number}", expression="true") for number in range(201)]
    write(tmp_path, {".lintkit/rules/a.yaml": "---\n".join(rules)})
    with pytest.raises(ConfigurationError, match="there are more than 200 custom rules"):
        engine.check(tmp_path, root=tmp_path)
