"""Blueprints that a repository brings: they work like the others, and cannot do more than they may."""

from __future__ import annotations

import time
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from lintkit.errors import UsageError
from lintkit.generate.blueprint import load
from tests.generate.trees import cluster, empty, make

if TYPE_CHECKING:
    from pathlib import Path

    from tests.terminal import Terminal

BLUEPRINT = """\
title: A worker of our queue
namespace: queue
questions:
  replicas:
    type: integer
    description: How many.
    default: 2
apps:
  - manifests: [deployment.yaml.j2]
notes: |
  It runs [[ replicas ]] times.
"""
DEPLOYMENT = """\
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: [[ name ]]
spec:
  replicas: [[ replicas ]]
  selector:
    matchLabels:
      app: [[ name ]]
  template:
    metadata:
      labels:
        app: [[ name ]]
    spec:
      containers:
        - name: worker
          image: ghcr.io/example/worker:1.2.3
"""


def own(root: Path, blueprint: str = BLUEPRINT, template: str = DEPLOYMENT) -> Path:
    if not root.joinpath(".git").exists():
        empty(root)
        (root / "namespace.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: queue\n", "utf-8")
    folder = root / ".lintkit/templates/worker"
    folder.mkdir(parents=True)
    (folder / "blueprint.yaml").write_text(dedent(blueprint), "utf-8")
    (folder / "deployment.yaml.j2").write_text(template, "utf-8")
    return root


def error(root: Path) -> str:
    with pytest.raises(UsageError) as caught:
        make(root, "worker", "sample")
    return str(caught.value)


def test_it_works_like_the_others(tmp_path: Path) -> None:
    made = make(own(cluster(tmp_path)), "worker", "sample", answers={"replicas": 3})
    assert made.against() == []
    assert "  replicas: 3\n" in made.plan.overlay["kubernetes/apps/queue/sample/app/deployment.yaml"]
    assert made.plan.notes == ("It runs 3 times.",)


def test_it_is_listed_and_described_as_the_repositorys_own(terminal: Terminal) -> None:
    terminal.write({".lintkit/templates/worker/blueprint.yaml": BLUEPRINT})
    assert (
        "worker             A worker of our queue (of this repository)"
        in terminal.lintkit("new", "--list").out.splitlines()
    )
    assert "  replicas (integer): How many." in terminal.lintkit("new", "--describe", "worker").out.splitlines()


def test_numbers_are_no_sizes(tmp_path: Path) -> None:
    template = DEPLOYMENT.replace("[[ replicas ]]", "[[ (replicas * 1000) | string | int + 30443 * 2 ]]")
    overlay = make(own(tmp_path, template=template), "worker", "sample").plan.overlay
    assert "  replicas: 62886\n" in overlay["kubernetes/apps/queue/sample/app/deployment.yaml"]


def test_one_of_a_known_name_takes_its_place(tmp_path: Path) -> None:
    root = own(tmp_path)
    (root / ".lintkit/templates/worker").rename(root / ".lintkit/templates/app")
    assert load("app", root).title == "A worker of our queue"


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("a: 1\nb: [[ ''.__class__ ]]\n", "2: access to attribute '__class__' of 'str' object is unsafe."),
        ("[[ ''.__class__.__mro__[1].__subclasses__() ]]", "1: access to attribute '__class__' of 'str'"),
        ("[[ name.format.__globals__ ]]", "1: access to attribute '__globals__' of"),
        ("[[ '{0.__class__}'.format(name) ]]", "1: access to attribute '__class__' of 'str'"),
        ("[[ ({}|attr('__class__')) ]]", "1: access to attribute '__class__' of 'dict'"),
        ("[[ has.__self__ ]]", "1: access to attribute '__self__' of"),
        ("\n\n[% include '../../../etc/passwd' %]", "3: there is no template `../../../etc/passwd`"),
        ("[% include '/etc/passwd' %]", "1: there is no template `/etc/passwd`"),
        ("[[ open('/etc/passwd').read() ]]", "1: 'open' is undefined"),
        ("[[ nothing ]]", "1: 'nothing' is undefined"),
        ("a: 1\n[[ name. ]]", "2: expected name or number"),
        ("a: 1\n[[ 1 / 0 ]]", "2: ZeroDivisionError: division by zero"),
        ("\n[% include 'deployment.yaml.j2' %]", "2: it calls itself without end"),
    ],
)
def test_a_template_that_may_not_or_is_wrong_is_named_with_its_line(
    template: str, message: str, tmp_path: Path
) -> None:
    assert error(own(tmp_path, template=template)).startswith(f".lintkit/templates/worker/deployment.yaml.j2:{message}")


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (
            "[% for a in range(9999) %][% for b in range(9999) %][% endfor %][% endfor %]",
            "1: it takes more than 1,000",
        ),
        ("[% for a in range(999999999) %][% endfor %]", "1: OverflowError: Range too big"),
        ("[[ 'x' * 999999999 ]]", "1: it makes more than 2,000,000 characters"),
        ("[[ ('x' * 9999) * 9999 ]]", "1: it makes more than 2,000,000 characters"),
        ("[[ 9 ** 999999 ]]", "1: it makes more than 2,000,000 characters"),
        ("[[ 9 ** 99 ** 999 ]]", "1: "),
        ("[[ 'x'.ljust(999999999) ]]", "1: 999999999 is too large for `ljust`"),
        ("[[ 'x' | center(999999999) ]]", "1: 999999999 is too large for `center`"),
        ("[[ '%999999999d' % 1 ]]", "1: a width of more than five digits"),
        ("[[ '{:999999999}'.format(1) ]]", "1: a width of more than five digits"),
        ("[[ [1] | batch(999999999, 'x') | list ]]", "1: 999999999 is too large for `batch`"),
        ("[[ ('x' * 9999) | replace('x', 'y' * 9999) ]]", "1: it makes more than 2,000,000 characters"),
        ("[% set a = 'x' %]\n" + "[% set a = a ~ a %]\n" * 60, "22: it makes more than 2,000,000 characters"),
        ("[[ ([0] * 9999) | map('string') | join('x' * 9999) ]]", "1: it makes more than 2,000,000 characters"),
        ("[[ (([0] * 9999), ) * 9999 ]]", "1: it makes more than 2,000,000 characters"),
        ("[% set x = [[0] * 999] * 99 %][[ [x] * 999 ]]", "1: it makes more than 2,000,000 characters"),
        (
            "[% for i in range(9999) %][% set x = range(9999) | list %][% endfor %]",
            "1: it goes through more than 20,000",
        ),
        ("[[ ('x' * 9999) | wordwrap(1, wrapstring='y' * 9999) ]]", "1: it makes more than 2,000,000 characters"),
        ("[[ 'x'.expandtabs(9) ]]", "1: `expandtabs` may not be used"),
        ("[% for i in range(9999) %][[ 'x' * 9999 ]][% endfor %]", "1: it makes more than 2,000,000 characters"),
        ("[% macro f() %][[ f() ]][% endmacro %][[ f() ]]", "1: it calls itself without end"),
    ],
)
def test_a_template_without_end_is_ended(template: str, message: str, tmp_path: Path) -> None:
    root = own(tmp_path, template=template)
    start = time.monotonic()
    assert error(root).startswith(f".lintkit/templates/worker/deployment.yaml.j2:{message}")
    assert time.monotonic() - start < 30


@pytest.mark.parametrize(
    ("blueprint", "message"),
    [
        ("title: [a]\n", "1: title: expected a text"),
        ("titel: x\n", "1: `titel` is not known; did you mean `title`?"),
        ("description: x\n", "1: `title` is missing"),
        ("title: x\napps: 5\n", "2: apps: expected a list"),
        ("title: x\napps:\n  - manifest: [a]\n", "3: apps: `manifest` is not known; did you mean `manifests`?"),
        ("title: x\nquestions:\n  Big: {}\n", "3: questions: `Big`: a name is small letters, digits and dashes"),
        ("title: x\nquestions:\n  a: {default: 1}\n", "3: questions.a: `description` is missing"),
        (
            "title: x\nquestions:\n  a: {description: b, default: 1, type: text}\n",
            "3: questions.a.type: expected one of string, integer, boolean, array",
        ),
        ("title: x\ncharts:\n  a: {chart: b}\n", "3: charts.a: `version` is missing"),
        ("title: x\n  bad: 1\n", "2:"),
        ("- title\n", " expected a mapping"),
    ],
)
def test_a_wrong_blueprint_is_named_with_its_line(blueprint: str, message: str, tmp_path: Path) -> None:
    assert error(own(tmp_path, blueprint)).startswith(f".lintkit/templates/worker/blueprint.yaml:{message}")


def test_a_mistake_in_blueprint_yaml_shows_the_text(tmp_path: Path) -> None:
    root = own(tmp_path, BLUEPRINT.replace("namespace: queue", 'namespace: "[[ nowhere ]]"'))
    assert error(root) == ".lintkit/templates/worker/blueprint.yaml: `[[ nowhere ]]`: 'nowhere' is undefined"


@pytest.mark.parametrize("name", ["../../out.yaml", "/etc/cron.d/x", ".git/hooks/pre-commit", "a//b.yaml", "a\\b.yaml"])
def test_it_writes_nowhere_else(name: str, tmp_path: Path) -> None:
    root = own(tmp_path, f"title: x\nfiles:\n  - {{template: deployment.yaml.j2, name: '{name}'}}\n", "x: 1\n")
    assert error(root) == f"a blueprint may not write `{name}`"


def test_a_blueprint_that_needs_itself_ends(tmp_path: Path) -> None:
    root = own(tmp_path, BLUEPRINT + "needs:\n  - {blueprint: worker, name: other}\n")
    assert error(root) == "the blueprint `worker` needs itself"


def test_a_linked_template_is_not_read(tmp_path: Path) -> None:
    root = own(tmp_path, BLUEPRINT)
    (root / ".lintkit/templates/worker/deployment.yaml.j2").unlink()
    (tmp_path / "secret").write_text("kind: Secret\n", "utf-8")
    (root / ".lintkit/templates/worker/deployment.yaml.j2").symlink_to(tmp_path / "secret")
    assert "there is no template `deployment.yaml.j2`" in error(root)
