"""The macros: what looks like a function and evaluates an argument once for each element."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from lintkit.cel.errors import EvaluationError
from lintkit.cel.values import Optional, Value, key_of, keys, kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lintkit.cel.budget import Budget

MACROS = frozenset(
    {"all", "exists", "exists_one", "existsOne", "map", "filter", "transformList", "transformMap", "optMap",
     "optFlatMap"}
)  # fmt: skip
_KEYED = frozenset({"all", "exists", "existsOne", "exists_one", "transformList", "transformMap"})


class Frame:
    """What a run knows: the values of variables, and the steps that are left."""

    __slots__ = ("budget", "variables")

    def __init__(self, variables: dict[str, Value], budget: Budget) -> None:
        self.variables = variables
        self.budget = budget


Run: TypeAlias = "Callable[[Frame], Value]"
Scope: TypeAlias = "dict[str, str]"


class Compiler(Protocol):
    """What a macro needs of the compiler."""

    nodes: int

    def node(self, tree: Any, local: Scope, depth: int) -> Run:  # noqa: ANN401
        """A part of the tree as a function."""
        ...

    def fail(self, tree: Any, message: str) -> Any:  # noqa: ANN401
        """Raise an ExpressionError."""
        ...


def macro(  # noqa: PLR0913, PLR0917 - as the compiler calls it
    compiler: Compiler,
    tree: Any,  # noqa: ANN401
    name: str,
    inner: Any,  # noqa: ANN401
    arguments: list[Any],
    local: Scope,
    depth: int,
) -> Run:
    """A macro that is called on a value."""
    of = compiler.node(inner, local, depth)
    least = 3 if name.startswith("transform") else 2
    variables, bodies = _split(name, arguments, least)
    if not variables or not bodies:
        compiler.fail(tree, f"`{name}` takes a variable and an expression: `list.{name}(x, ...)`")
    slots = []
    scope = dict(local)
    for variable in variables:
        text = _name(variable)
        if not text or text in slots:
            compiler.fail(variable, f"`{name}` takes the name of a new variable here")
        slots.append(text)
        scope[text] = f"{text} {depth} {compiler.nodes}"
    before = compiler.nodes
    parts = [compiler.node(body, scope, depth) for body in bodies]
    loop = _Loop(of, [scope[slot] for slot in slots], parts, 1 + compiler.nodes - before)
    return _BUILD[name](loop)


def bind_macro(compiler: Compiler, tree: Any, arguments: list[Any], local: Scope, depth: int) -> Run:  # noqa: ANN401
    """`cel.bind(name, value, expression)`."""
    text = _name(arguments[0]) if len(arguments) == 3 else ""
    if not text:
        compiler.fail(tree, "`cel.bind` takes a new name, its value and an expression")
    value = compiler.node(arguments[1], local, depth)
    slot = f"{text} {depth} {compiler.nodes}"
    body = compiler.node(arguments[2], {**local, text: slot}, depth)

    def run(frame: Frame) -> Value:
        frame.variables[slot] = value(frame)
        return body(frame)

    return run


def _split(name: str, arguments: list[Any], least: int) -> tuple[list[Any], list[Any]]:
    """The variables and the expressions among the arguments of a macro."""
    count = len(arguments)
    if name == "map" and count == 3:
        return arguments[:1], arguments[1:]
    if name in _KEYED and (count == 3 or (least == 3 and count == 4)):
        return arguments[:2], arguments[2:]
    return (arguments[:1], arguments[1:]) if count == least == 2 else ([], [])


def _name(tree: Any) -> str:  # noqa: ANN401 - lark's tree
    while hasattr(tree, "children") and len(tree.children) == 1 and tree.data != "ident":
        tree = tree.children[0]
    return str(tree.children[0]) if getattr(tree, "data", "") == "ident" else ""


class _Loop:
    """The elements of a value, one after the other put into variables."""

    __slots__ = ("of", "parts", "slots", "steps")

    def __init__(self, of: Run, slots: list[str], parts: list[Run], steps: int) -> None:
        self.of = of
        self.slots = slots
        self.parts = parts
        self.steps = steps

    def over(self, frame: Frame) -> Iterator[tuple[Value, Value]]:
        """Each key or position with its value; the variables are set, the steps paid."""
        value = self.of(frame)
        kind = kind_of(value)
        if kind == "map":
            pairs = ((key, value[key_of(key)]) for key in list(keys(value)))
        elif kind == "list":
            pairs = ((at, element) for at, element in enumerate(value))
        else:
            message = f"a {kind} has no elements; expected a list or a map"
            raise EvaluationError(message)
        variables, spend, slots = frame.variables, frame.budget.spend, self.slots
        for key, element in pairs:
            spend(self.steps)
            if len(slots) == 2:
                variables[slots[0]], variables[slots[1]] = key, element
            else:
                variables[slots[0]] = key if kind == "map" else element
            yield key, element


def truth(value: Value) -> bool:
    """A value that must be true or false.

    Raises:
        EvaluationError: It is neither.
    """
    if value is True or value is False:
        return bool(value)
    message = f"expected true or false, not a {kind_of(value)}"
    raise EvaluationError(message)


def _quantified(loop: _Loop, *, decisive: bool) -> Run:
    """`all` and `exists`: an element that decides counts for more than one that fails."""
    body = loop.parts[0]

    def run(frame: Frame) -> Value:
        failed: EvaluationError | None = None
        for _ in loop.over(frame):
            try:
                if truth(body(frame)) is decisive:
                    return decisive
            except EvaluationError as error:
                failed = failed or error
        if failed is not None:
            raise failed
        return not decisive

    return run


def _exists_one(loop: _Loop) -> Run:
    body = loop.parts[0]
    return lambda frame: sum(truth(body(frame)) for _ in loop.over(frame)) == 1


def _filter(loop: _Loop) -> Run:
    body = loop.parts[0]
    slot = loop.slots[0]

    def run(frame: Frame) -> Value:
        return [frame.variables[slot] for _ in loop.over(frame) if truth(body(frame))]

    return run


def _map(loop: _Loop) -> Run:
    only, body = loop.parts if len(loop.parts) == 2 else (None, loop.parts[0])

    def run(frame: Frame) -> Value:
        return [body(frame) for _ in loop.over(frame) if only is None or truth(only(frame))]

    return run


def _transform_map(loop: _Loop) -> Run:
    only, body = loop.parts if len(loop.parts) == 2 else (None, loop.parts[0])

    def run(frame: Frame) -> Value:
        made = {}
        for key, _ in loop.over(frame):
            if only is None or truth(only(frame)):
                made[key_of(key)] = body(frame)
        return made

    return run


def _optional(loop: _Loop, *, flat: bool) -> Run:
    body, slot = loop.parts[0], loop.slots[0]

    def run(frame: Frame) -> Value:
        value = loop.of(frame)
        if not isinstance(value, Optional):
            message = f"a {kind_of(value)} is not optional"
            raise EvaluationError(message)
        if not value.present:
            return value
        frame.variables[slot] = value.present[0]
        made = body(frame)
        if flat and not isinstance(made, Optional):
            message = "the expression of `optFlatMap` must be optional"
            raise EvaluationError(message)
        return made if flat else Optional(made)

    return run


_BUILD: dict[str, Callable[[_Loop], Run]] = {
    "all": lambda loop: _quantified(loop, decisive=False),
    "exists": lambda loop: _quantified(loop, decisive=True),
    "exists_one": _exists_one,
    "existsOne": _exists_one,
    "filter": _filter,
    "map": _map,
    "transformList": _map,
    "transformMap": _transform_map,
    "optMap": lambda loop: _optional(loop, flat=False),
    "optFlatMap": lambda loop: _optional(loop, flat=True),
}
