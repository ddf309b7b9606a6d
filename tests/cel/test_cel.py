"""Expressions give what Kubernetes gives, and end in time."""

from __future__ import annotations

from itertools import pairwise
from time import perf_counter

import pytest

from lintkit.cel.budget import Budget
from lintkit.cel.compile import Program
from lintkit.cel.errors import BudgetError, EvaluationError, ExpressionError

OBJECT = {
    "half": "\ud800",
    "metadata": {"name": "web", "labels": {"app": "shop", "example.org/team": "data"}},
    "spec": {"replicas": 2, "containers": [{"name": "a", "image": "ghcr.io/x/a:1"}, {"name": "b", "image": "b"}]},
}


def run(text: str, steps: int = 1_000_000) -> object:
    return Program(text, ["object"]).run({"object": OBJECT}, Budget(steps))


TRUE = """
1 == 1.0 && 1u == 1 && dyn([1]) == [1.0] && {'a': 1} == {'a': 1.0}
'a' != 1 && null != false && true != 1
-7 / 2 == -3 && -7 % 2 == -1 && 7 - 2 == 5 && size('a')-1 == 0
1/0 == 1 || true
!(1/0 == 1 && false)
[1, 2, 3].exists(x, x / 0 == 1 || x == 3)
'a' in object.metadata.labels || 'app' in object.metadata.labels
has(object.spec.replicas) && !has(object.spec.paused)
object.?spec.?paused.orValue(false) == false
object.metadata.?labels['app'].orValue('x') == 'shop'
object.?nothing.?at.?all.hasValue() == false
[?object.?nothing, 1] == [1] && {?'a': object.?nothing} == {}
object.metadata.labels[?'app'].optMap(v, v + '!').value() == 'shop!'
object.spec.containers.all(c, has(c.image)) && object.spec.containers.exists_one(c, c.name == 'a')
object.spec.containers.map(c, c.name) == ['a', 'b'] && object.spec.containers.filter(c, c.name > 'a').size() == 1
[1, 2, 3].map(x, x > 1, x * 2) == [4, 6]
[5, 6].all(i, v, v == i + 5) && {'a': 1}.transformMap(k, v, v + 1) == {'a': 2}
[1, 2].transformList(i, v, i * v) == [0, 2]
cel.bind(x, 2, x * x) == 4
[[1, 2], [3]].map(x, x.map(x, x + 1)) == [[2, 3], [4]]
size('é') == 1 && '\\u00e9' == 'é' && r'\\d' == '\\\\d' && b'é'.size() == 2
'a,b,c'.split(',') == ['a', 'b', 'c'] && 'a,b,c'.split(',', 2) == ['a', 'b,c'] && 'ab'.split('') == ['a', 'b']
['a', 'b'].join('-') == 'a-b' && 'Ab'.lowerAscii() == 'ab' && 'É'.lowerAscii() == 'É'
'hello'.substring(1, 3) == 'el' && 'hello'.indexOf('l') == 2 && 'hello'.lastIndexOf('l') == 3
' a '.trim() == 'a' && 'aXa'.replace('a', 'b', 1) == 'bXa' && 'abc'.charAt(1) == 'b'
'%s has %d of %.1f, %x'.format(['a', 2, 1.25, 255]) == 'a has 2 of 1.2, ff'
strings.quote('a"b') == '"a\\\\"b"'
'nginx:1.25'.matches('^[a-z]+:[0-9.]+$') && 'a12b3'.find('[0-9]+') == '12' && 'a12b3'.findAll('[0-9]+') == ['12', '3']
[3, 1, 2].max() == 3 && [3, 1, 2].sum() == 6 && ![3, 1].isSorted() && [1, 2, 1].lastIndexOf(1) == 2
sets.contains([1, 2], [2]) && sets.intersects([1], [1, 2]) && sets.equivalent([1, 1], [1])
[1, 1, 2].distinct() == [1, 2] && [[1], [2]].flatten() == [1, 2] && [2, 1].sort() == [1, 2]
url('https://a.example:8080/b?c=d').getHost() == 'a.example:8080'
url('https://a.example:8080/b?c=d').getHostname() == 'a.example' && isURL('https://a') && !isURL('../a')
url('https://[::1]:80/').getHostname() == '::1' && url('https://a/?k=1&k=2').getQuery() == {'k': ['1', '2']}
isIP('10.0.0.1') && !isIP('10.0.0.256') && !isIP('::ffff:1.2.3.4')
ip('::1').isLoopback() && ip('10.0.0.1').family() == 4
ip.isCanonical('::1') && !ip.isCanonical('0:0::1') && string(ip('10.0.0.1')) == '10.0.0.1'
cidr('10.0.0.0/8').containsIP('10.1.2.3') && !cidr('10.0.0.0/8').containsIP(ip('::1'))
cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') && !cidr('10.1.0.0/16').containsCIDR(cidr('10.0.0.0/8'))
cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8') && cidr('10.0.0.0/8').prefixLength() == 8 && !isCIDR('10.0.0.0/33')
quantity('1Gi').isGreaterThan(quantity('1G')) && quantity('500m').add(quantity('500m')) == quantity('1')
quantity('1.5k').asInteger() == 1500 && !isQuantity('1.5 Gi') && quantity('2e3').compareTo(quantity('2k')) == 0
semver('1.2.3').isLessThan(semver('1.10.0')) && semver('1.0.0-rc.1').isLessThan(semver('1.0.0'))
isSemver('1.2.3') && !isSemver('v1.2') && semver('v1.2', true).minor() == 2
duration('1h30m') > duration('89m') && duration('1h').getMinutes() == 60
timestamp('2024-01-15T10:00:00Z') + duration('1h') == timestamp('2024-01-15T11:00:00Z')
timestamp('2024-01-15T10:00:00Z').getFullYear() == 2024 && timestamp('2024-01-15T10:00:00Z').getDayOfWeek() == 1
type(1) == int && type('a') == string && type({}) == map && type(null) == null_type
int('5') == 5 && double('1.5') == 1.5 && string(1.0) == '1' && bool('true') && int(2.9) == 2
true ? true : 1/0 == 1 // a comment
""".strip().splitlines()


@pytest.mark.parametrize("text", TRUE)
def test_true(text: str) -> None:
    assert run(text) is True


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("object.spec.paused", "no such key: `paused`"),
        ("object.metadata.labels['x']", "no such key: `x`"),
        ("object.metadata.name.first", "a string has no field `first`"),
        ("[1][1]", "no element 1 in a list of 1"),
        ("1 + 'a'", "`+` does not take int and string"),
        ("'a' < 1", "string and int have no order"),
        ("9223372036854775807 + 1", "integer overflow"),
        ("1 / 0", "division by zero"),
        ("1 ? 2 : 3", "expected true or false, not a int"),
        ("'a'.startsWith(1)", "`startsWith` does not take (string, int); expected (string, string)"),
        ("'a'.matches('(')", "`(` is no regular expression: missing ): ("),
        ("quantity('1 Gi')", "`1 Gi` is no quantity; expected one such as `500m` or `1Gi`"),
        (r"bytes(object.half) == b'a'", "a text holds half a character"),
        ("(1).map(x, x)", "a int has no elements; expected a list or a map"),
    ],
)
def test_no_value(text: str, message: str) -> None:
    with pytest.raises(EvaluationError) as raised:
        run(text)
    assert raised.value.message == message


@pytest.mark.parametrize(
    ("text", "message", "offset"),
    [
        ("1 +", "ends where something must follow", 3),
        ("objekt.a", "`objekt` is no variable; did you mean `object`?", 0),
        ("true && 'a'.startWith('b')", "`startWith` is no function; did you mean `startsWith`?", 8),
        ("'a'.charAt()", "`charAt` does not take this number of arguments", 0),
        ("size", "`size` is no variable; known are `object`", 0),
        ("'a'.quantity()", "`quantity` is called as `quantity(x)`", 0),
        ("has(object)", "`has` takes one field: `has(object.spec.replicas)`", 0),
        ("[1].all(x)", "`all` takes a variable and an expression: `list.all(x, ...)`", 0),
        ("object == Thing{a: 1}", "makes a message of a type, which only a cluster knows", 10),
        ("a b", "`b` is not expected here", 2),
    ],
)
def test_not_compiled(text: str, message: str, offset: int) -> None:
    with pytest.raises(ExpressionError) as raised:
        run(text)
    assert (raised.value.message, raised.value.offset) == (message, offset)


TEN = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]"
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _nested(first: str, step: str, last: str) -> str:
    inner = "".join(f"cel.bind({b}, {step.format(a)}, " for a, b in pairwise(LETTERS))
    return f"cel.bind(a, {first}, {inner}{last}" + ")" * 26


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"{TEN}.all({one}, " for one in "abcdefghi") + "true" + ")" * 9,
        _nested("'xxxxxxxxxx'", "{0} + {0}", "z"),
        _nested("[[1, 1]]", "[{0}, {0}]", "z == z"),
        _nested("[[1, 1]]", "[{0}, {0}]", "'%s'.format([z])"),
        _nested("[[1, 1]]", "[{0}, {0}]", "z.flatten(30)"),
        "lists.range(1000000).map(x, lists.range(1000000))",
        "lists.range(100000).distinct()",
        "(" * 3000 + "1" + ")" * 3000,
        "!" * 5000 + "true",
        "1" + " + 1" * 2000,
        "'" + "a" * 11_000 + "'",
        "quantity('1e999')",
        "lists.range(99999).map(x, '" + "a" * 500 + "'.matches('(a*)*b{1000}'))",
    ],
    ids=range(13),
)
def test_hostile_expressions_end_quickly(text: str) -> None:
    started = perf_counter()
    with pytest.raises((BudgetError, EvaluationError, ExpressionError)):
        run(text)
    assert perf_counter() - started < 5


def test_a_long_regular_expression_takes_linear_time() -> None:
    started = perf_counter()
    assert run("'" + "a" * 9000 + "'.matches('(a*)*b')") is False
    assert perf_counter() - started < 1


def test_the_budget_is_the_same_everywhere() -> None:
    text = f"{TEN}.all(x, x >= 0)"
    budget = Budget(10_000)
    Program(text, []).run({}, budget)
    spent = budget.steps - budget.left
    Program(text, []).run({}, Budget(spent))
    with pytest.raises(BudgetError):
        Program(text, []).run({}, Budget(spent - 1))


def test_long_chains_are_not_deep() -> None:
    assert run("false" + " || false" * 900 + " || true") is True
