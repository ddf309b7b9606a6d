"""A variable that the configuration declares as external has an unknown text, and no empty one."""

from __future__ import annotations

from lintkit.model.substitution import Variables, substitute
from lintkit.syntax.parser import parse
from lintkit.text.source import Source


def test_an_external_variable_stays_as_it_is() -> None:
    root = parse(Source("a.yaml", "host: ${APP}.${DOMAIN}\nother: ${NONE}x\n")).documents[0].root
    assert root is not None
    variables = Variables({"APP": "shop"}, is_on=True, external=("DOM*",))
    assert substitute(root, variables).value == {"host": "${APP}.${DOMAIN}", "other": "x"}
