"""Plugins: the example package as people install it, and what a broken one does."""

# ruff: noqa: E501 - messages stand in one piece

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import distribution
from typing import TYPE_CHECKING

import pytest

from lintkit import plugins
from lintkit.errors import PluginError, UsageError
from lintkit.generate.blueprint import load
from lintkit.verify.expectation import Outcome
from lintkit.verify.plan import Choice, plan, selected
from lintkit.verify.run import answer
from tests.documents import ROOT, SERVICE
from tests.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from lintkit.verify.live import Live

SAYS = "`web` gets a public address; expected the annotation `service.beta.kubernetes.io/aws-load-balancer-scheme: internal`"
RULE = '''
from lintkit import Finding, Resource, rule

@rule(since="1")
def {name}(resource: Resource):
    """It is there."""
    {body}
'''


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """A tree with a Service that the example's rule is about."""
    folder = tmp_path / "tree"
    folder.mkdir()
    terminal = Terminal(folder, monkeypatch, capsys)
    terminal.write({".lintkit.yaml": "", "a.yaml": SERVICE})
    return terminal


@pytest.fixture
def example(example_plugin: Path, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """The same, with the example installed."""
    monkeypatch.syspath_prepend(str(example_plugin))
    return terminal


@pytest.fixture
def broken(terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Terminal]]:
    """A tree beside a plugin `bad` with some modules and entry points."""
    folder = tmp_path / "site"

    def make(entries: str, modules: dict[str, str], name: str = "bad") -> Terminal:
        (folder / f"{name}-0.1.dist-info").mkdir(parents=True)
        (folder / f"{name}-0.1.dist-info" / "entry_points.txt").write_text(entries, "utf-8")
        for path, text in modules.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, "utf-8")
        monkeypatch.syspath_prepend(str(folder))
        return terminal

    yield make
    for module in [one for one in sys.modules if one.partition(".")[0] in {"badly", "worse"}]:
        del sys.modules[module]


class TestTheExample:
    def test_a_rule_finds(self, example: Terminal) -> None:
        outcome = example.check("--plugin", "lintkit-example", "--output", "concise", "--select", "exposure")
        assert outcome.out.startswith(f"a.yaml:4:14: warning: {SAYS} [public-load-balancer]\n")
        assert outcome.code == 1

    def test_nothing_of_it_counts_unless_it_is_named(self, example: Terminal) -> None:
        assert example.check("--quiet").out == ""
        assert "`exposure` is no rule and no category" in example.check("--select", "exposure").err
        assert "`tally` is no output format" in example.check("--output", "tally").err

    def test_the_environment_names_it(self, example: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(plugins.VARIABLE, " Lintkit_Example ,")
        assert SAYS in example.check().out
        assert "exposure:\n  public-load-balancer " in example.lintkit("rule").out

    def test_a_configuration_outside_of_the_tree_names_it(self, example: Terminal) -> None:
        config = example.folder.parent / "outside.yaml"
        config.write_text("plugins: [lintkit-example]\n", "utf-8")
        assert SAYS in example.check("--config", str(config)).out

    @pytest.mark.parametrize("arguments", [(), ("--config", ".lintkit.yaml")])
    def test_a_tree_may_not(self, example: Terminal, arguments: tuple[str, ...]) -> None:
        example.write({".lintkit.yaml": "plugins: [lintkit-example]\n"})
        outcome = example.check(*arguments)
        assert outcome.code == 2
        assert outcome.err == (
            "lintkit: .lintkit.yaml: a tree does not choose what runs: "
            "`plugins` is for --plugin, LINTKIT_PLUGINS, and files outside of it\n"
        )

    def test_a_configuration_and_a_comment_may_speak_of_its_rule(self, example: Terminal) -> None:
        example.write({".lintkit.yaml": "severity: {public-load-balancer: info}\n"})
        assert f"info: {SAYS}" in example.check("--plugin", "lintkit-example").out
        example.write({"a.yaml": f"{SERVICE.rstrip()} # lintkit: ignore[public-load-balancer] it is meant to be\n"})
        assert "no findings" in example.check("--plugin", "lintkit-example").out

    def test_its_page_and_its_examples(self, example: Terminal) -> None:
        page = example.lintkit("rule", "public-load-balancer", "--plugin", "lintkit-example").out
        assert "Category `exposure`, warning, from `lintkit-example 1.0`." in page
        assert "Without the annotation the cloud makes a public address" in page
        assert example.lintkit("rule", "--test", "--plugin", "lintkit-example").out == "public-load-balancer: ok\n"

    def test_a_report(self, example: Terminal) -> None:
        more = ("--plugin", "lintkit-example", "--output", "tally:t.txt", "--output", "tally")
        assert example.check("--select", "exposure", *more).out == "   1  .\n   1  in all\n"
        assert (example.folder / "t.txt").read_text("utf-8") == "   1  .\n   1  in all\n"

    def test_a_blueprint(self, example: Terminal) -> None:
        blueprint = load("quota", example.folder, ("lintkit-example",))
        assert (blueprint.title, blueprint.is_own) == ("A ResourceQuota for a namespace", False)
        assert list(blueprint.texts) == ["resourcequota.yaml.j2"]
        with pytest.raises(UsageError, match=r"^`quota` is no blueprint"):
            load("quota", example.folder)

    def test_its_blueprint_makes_an_app(self, example: Terminal) -> None:
        example.write({"a.yaml": SERVICE.replace("LoadBalancer", "ClusterIP")})
        made = example.lintkit("new", "cluster", "home")
        assert made.code == 0, made.err
        made = example.lintkit(
            "new", "--plugin", "lintkit-example", "quota", "small", "--namespace", "shop", "--set", "memory=2Gi"
        )
        assert made.code == 0, made.err
        (written,) = example.folder.rglob("resourcequota.yaml")
        assert "requests.memory: 2Gi" in written.read_text("utf-8")
        assert "quota  " in example.lintkit("new", "--plugin", "lintkit-example", "--list").out

    def test_a_probe(self, example: Terminal) -> None:
        expectation = expected(example, ("lintkit-example",), "load-balancer-address")
        assert expectation.claim == "has an address"
        assert (expectation.path, expectation.position) == ("a.yaml", (4, 14))
        service = {"metadata": {"name": "web"}, "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}}
        said = answer(expectation, _Cluster(service))  # type: ignore[arg-type] # all that it asks
        assert (said.outcome, said.evidence) == (Outcome.PASS, "192.0.2.1")
        assert answer(expectation, _Cluster({"status": {}})).outcome is Outcome.FAIL  # type: ignore[arg-type] # as above


class _Cluster:
    """A cluster with one object."""

    def __init__(self, found: dict[str, object]) -> None:
        self.found = found

    def find(self, *_: str) -> dict[str, object]:
        return self.found


def expected(terminal: Terminal, names: tuple[str, ...], select: str):  # noqa: ANN201 - the type is long
    from dataclasses import replace  # noqa: PLC0415 - for this alone

    from lintkit import configuration, engine  # noqa: PLC0415 - as above

    options = replace(configuration.load(terminal.folder), plugins=names)
    tree = engine.load_tree(terminal.folder, options)
    (found,) = plan(tree, terminal.folder, Choice(select=(select,))).expectations
    return found


def test_entry_points_are_those_that_the_standard_library_reads(
    example_plugin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(example_plugin))
    wanted = {(one.group, one.name, one.value) for one in distribution("lintkit-example").entry_points}
    found = {
        (entry.group, entry.name, entry.value)
        for group in plugins.GROUPS
        for entry in plugins.named(["lintkit.example"], group).entries.values()
    }
    assert found == wanted
    assert {group for group, *_ in found} == set(plugins.GROUPS)


def test_without_a_name_no_metadata_is_read() -> None:
    code = (
        "import sys; from lintkit.cli.main import main\n"
        "try: main(['check', '--quiet', 'kubernetes'])\n"
        "except SystemExit: pass\n"
        "print('importlib.metadata' in sys.modules, 'configparser' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"


class TestNames:
    def test_one_that_is_not_installed(self, example: Terminal) -> None:
        outcome = example.check("--plugin", "lintkit-exampel")
        assert outcome.code == 2
        assert (
            outcome.err == "lintkit: the plugin `lintkit-exampel` is not installed; did you mean `lintkit-example`?\n"
        )

    def test_one_that_is_none(self, terminal: Terminal) -> None:
        outcome = terminal.check("--plugin", "click")
        assert outcome.code == 2
        assert outcome.err.startswith(
            "lintkit: the package `click` is no plugin: it has no entry point in lintkit.rules"
        )

    def test_comments_extras_and_other_groups_in_the_file(self, broken: Callable[..., Terminal]) -> None:
        broken("# x\n[console_scripts]\na = b:c\n\n[lintkit.rules]\n; y\none = badly.a:one [more]\n", {})
        found = plugins.named(["bad"], plugins.RULES).entries
        assert [(one.origin, one.name, one.value) for one in found.values()] == [("bad 0.1", "one", "badly.a:one")]


class TestBroken:
    @pytest.mark.parametrize(
        ("entry", "module", "says"),
        [
            ("one = badly.a:one", "import nothing_of_this_name\n", "`badly.a:one` cannot be imported: ModuleNotFoundError: No module named 'nothing_of_this_name'"),
            ("one = badly.a:one", "raise SystemExit(7)\n", "`badly.a:one` cannot be imported: SystemExit: 7"),
            ("one = badly.a:one", "def (\n", "`badly.a:one` cannot be imported: SyntaxError: invalid syntax (a.py, line 1)"),
            ("one = badly.a:two", "", "`badly.a:two` cannot be imported: AttributeError: module 'badly.a' has no attribute 'two'"),
            ("one = badly.a:one", "def one(): ...\n", "`badly.a:one` is of type function; expected a function with `@lintkit.rule(...)`"),
            ("one = badly.a:a", RULE.format(name="a", body="yield"), "`badly.a:a` is the rule `a`; the entry point has the rule's name"),
            ("a = badly.a:a", RULE.format(name="a", body="raise ValueError('boom\\nmore')"), "ValueError: boom"),
            ("a = badly.a:a", RULE.format(name="a", body="yield 7"), "yields 7; expected a `Finding` at a node or a place"),
            ("a = badly.a:a", RULE.format(name="a", body="yield Finding('a.yaml', 'x')"), "yields Finding(place='a.yaml', message='x', severity=None, related=; expected a `Finding` at a node or a place"),
            ("a = badly.a:a", RULE.format(name="a", body="yield Finding.at(resource.root, 7)"), "yields a finding whose message is of type int"),
            ("a = badly.a:a", RULE.format(name="a", body="yield Finding.at(resource.root, 'x', severity='error')"), "yields a finding whose severity is of type str"),
            ("a = badly.a:a", RULE.format(name="a", body="import sys; sys.exit()"), "SystemExit"),
            ("a = badly.a:a", RULE.format(name="a", body="from lintkit import UsageError; raise UsageError('x')"), "UsageError: x"),
            ("a = badly.a:a", RULE.format(name="a", body="yield").replace(": Resource", ""), "`badly.a:a` cannot be imported: RuleError: the rule a takes a nothing that is annotated; expected one of Document, Resource, Tree, Validation"),
        ],
    )  # fmt: skip
    def test_a_rule(self, broken: Callable[..., Terminal], entry: str, module: str, says: str) -> None:
        name = entry.partition(" ")[0]
        terminal = broken(f"[lintkit.rules]\n{entry}\n", {"badly/__init__.py": "", "badly/a.py": module})
        terminal.write({"a.yaml": SERVICE.replace("name: web", "name: web, name: web")})
        outcome = terminal.check("--plugin", "bad", "--output", "json")
        assert outcome.code == 3
        report = json.loads(outcome.out)
        assert report["failures"] == [{"rule": name, "message": f"the rule `{name}` of the plugin bad 0.1: {says}"}]
        assert [one["rule"] for one in report["findings"]] == ["duplicate-key"]  # all else is as ever

    def test_a_rule_that_is_broken_does_no_harm_where_others_are_selected(
        self, broken: Callable[..., Terminal]
    ) -> None:
        terminal = broken("[lintkit.rules]\none = badly:one\n", {"badly.py": "1 / 0\n"})
        assert terminal.check("--plugin", "bad", "--select", "syntax").code == 0
        listed = " ".join(terminal.lintkit("rule", "--plugin", "bad").out.split())
        assert (
            "plugin: one Cannot be used: the rule `one` of the plugin bad 0.1: `badly:one` cannot be imported" in listed
        )

    def test_a_rule_in_no_folder(self, broken: Callable[..., Terminal]) -> None:
        terminal = broken(
            "[lintkit.rules]\nbadly = badly:badly\n", {"badly.py": RULE.format(name="badly", body="yield")}
        )
        assert (
            "the rule badly stands in no folder, whose name would be its category"
            in terminal.check("--plugin", "bad").out
        )

    def test_a_name_of_lintkits_own(self, broken: Callable[..., Terminal]) -> None:
        terminal = broken("[lintkit.rules]\nduplicate-key = badly.a:a\n", {})
        outcome = terminal.check("--plugin", "bad")
        assert outcome.code == 3
        assert (
            "internal error in rule bad:duplicate-key: the rule `duplicate-key` of the plugin bad 0.1: the name `duplicate-key` is taken: it is lintkit's own\n"
            in outcome.out
        )

    def test_a_name_of_another_plugin(self, broken: Callable[..., Terminal]) -> None:
        broken("[lintkit.rules]\na = worse.a:a\n", {}, "worse")
        modules = {
            "badly/__init__.py": "",
            "badly/a.py": RULE.format(name="a", body="yield Finding.at(resource.root, 'seen')"),
        }
        terminal = broken("[lintkit.rules]\na = badly.a:a\n", modules)
        out = terminal.check("--plugin", "bad", "--plugin", "worse", "--output", "concise").out
        assert "a.yaml:1:1: error: seen [a]\n" in out
        assert "the rule `a` of the plugin worse 0.1: the name `a` is taken by the plugin bad 0.1\n" in out

    def test_annotations_that_are_no_texts(self, broken: Callable[..., Terminal]) -> None:
        for number, annotation in enumerate(("Resource", "'lintkit.Resource'", "lintkit.Resource")):
            text = RULE.format(name="a", body="yield Finding.at(resource.root, 'seen')").replace(
                "Resource)", f"{annotation})"
            )
            folder = f"badly.x{number}"
            modules = {f"badly/x{number}/__init__.py": "", f"badly/x{number}/a.py": f"import lintkit\n{text}"}
            terminal = broken(f"[lintkit.rules]\na = {folder}.a:a\n", modules, f"bad{number}")
            assert "error: seen [a]" in terminal.check("--plugin", f"bad{number}").out

    @pytest.mark.parametrize(
        ("module", "says"),
        [
            ("def render(report, *, color, quiet): raise ValueError('boom')\n", "ValueError: boom"),
            (
                "def render(report, *, color, quiet): return 7\n",
                "`render` returns something of type int; expected text",
            ),
            ("def render(report): return ''\n", "TypeError: render() got an unexpected keyword argument 'color'"),
            ("", "`badly` is of type module; expected a function, or a module with `render`"),
            ("1 / 0\n", "`badly` cannot be imported: ZeroDivisionError: division by zero"),
        ],
    )
    def test_a_report(self, broken: Callable[..., Terminal], module: str, says: str) -> None:
        terminal = broken("[lintkit.reports]\ncsv = badly\n", {"badly.py": module})
        outcome = terminal.check("--plugin", "bad", "--output", "csv:a.csv", "--output", "json", "--exit-zero")
        assert outcome.err == f"lintkit: the report `csv` of the plugin bad 0.1: {says}\n"
        assert json.loads(outcome.out)["failures"] == []
        assert outcome.code == 3
        assert not (terminal.folder / "a.csv").exists()

    def test_a_report_whose_name_is_taken(self, broken: Callable[..., Terminal]) -> None:
        terminal = broken("[lintkit.reports]\njson = badly\n", {"badly.py": "def render(*_, **__): return 'mine'\n"})
        outcome = terminal.check("--plugin", "bad", "--output", "json")
        assert "mine" not in outcome.out
        assert (
            outcome.err
            == "lintkit: the report `json` of the plugin bad 0.1: the name `json` is taken: it is lintkit's own\n"
        )

    @pytest.mark.parametrize(
        ("value", "modules", "says"),
        [
            ("badly.x", {}, "`badly.x` cannot be found: ModuleNotFoundError: No module named 'badly'"),
            ("badly", {"badly.py": ""}, "`badly` is no folder with `blueprint.yaml`"),
            ("badly.x", {"badly/x/a.j2": ""}, "`badly.x` is no folder with `blueprint.yaml`"),
        ],
    )
    def test_a_blueprint(self, broken: Callable[..., Terminal], value: str, modules: dict[str, str], says: str) -> None:
        terminal = broken(f"[lintkit.blueprints]\nmine = {value}\n", modules)
        with pytest.raises(PluginError) as caught:
            load("mine", terminal.folder, ("bad",))
        assert str(caught.value) == f"the blueprint `mine` of the plugin bad 0.1: {says}"
        listed = terminal.lintkit("new", "--plugin", "bad", "--list")
        assert (listed.code, listed.err) == (3, f"lintkit: {caught.value}\n")
        assert "airflow  " in listed.out

    def test_a_blueprint_whose_name_is_taken(self, broken: Callable[..., Terminal]) -> None:
        terminal = broken("[lintkit.blueprints]\nairflow = badly\n", {"badly/blueprint.yaml": "title: mine\n"})
        listed = terminal.lintkit("new", "--plugin", "bad", "--list")
        assert "mine" not in listed.out
        assert (
            listed.err
            == "lintkit: the blueprint `airflow` of the plugin bad 0.1: the name `airflow` is taken: it is lintkit's own\n"
        )

    @pytest.mark.parametrize(
        ("module", "says"),
        [
            ("1 / 0\n", "`badly:a` cannot be imported: ZeroDivisionError: division by zero"),
            ("a = 7\n", "`badly:a` is of type int; expected a function with `@lintkit.verify.probe(...)`"),
            ("@probe(group='x')\ndef b(promises): yield\na = b\n", "`badly:a` is the probe `b`; the entry point has the probe's name"),
            ("@probe(group='x')\ndef a(promises): raise ValueError('boom')\n", "ValueError: boom"),
            ("@probe(group='x')\ndef a(promises): yield 7\n", "yields 7; expected what `lintkit.verify.expect` makes"),
            (
                "@probe(group='x')\ndef a(promises):\n    for one in promises.of_kind('', 'Service'):\n        yield expect(one, 'is', lambda live: True)\n",
                "answers True; expected `passed`, `failed` or `unknown`",
            ),
        ],
    )  # fmt: skip
    def test_a_probe(self, broken: Callable[..., Terminal], module: str, says: str) -> None:
        terminal = broken(
            "[lintkit.probes]\na = badly:a\n", {"badly.py": f"from lintkit.verify import expect, probe\n{module}"}
        )
        expectation = expected(terminal, ("bad",), "a")
        live: Live = _Cluster({})  # type: ignore[assignment] # nothing is asked of it
        said = answer(expectation, live)
        assert (said.outcome, said.evidence) == (Outcome.UNKNOWN, f"the probe `a` of the plugin bad 0.1: {says}")

    def test_a_probe_whose_name_is_taken(self, broken: Callable[..., Terminal]) -> None:
        broken("[lintkit.probes]\nworkload = badly:a\n", {})
        (probe,) = [one for one in selected((), ("bad",)) if one.group == "plugin"]
        assert probe.name == "bad:workload"
        assert probe.summary.endswith("the name `workload` is taken: it is lintkit's own.")
