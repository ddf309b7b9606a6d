"""Text -> Program: the parse tree becomes nested functions; unknown names are errors with their place."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NoReturn

from lintkit.cel import operators
from lintkit.cel.errors import EvaluationError, ExpressionError
from lintkit.cel.functions import call, overloads, table
from lintkit.cel.literals import literal
from lintkit.cel.macros import MACROS, Frame, Run, bind_macro, macro
from lintkit.cel.parse import Parsed, parse
from lintkit.cel.values import TypeName, Value, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lintkit.cel.budget import Budget

TYPES = {
    name: TypeName(name) for name in ("bool", "int", "uint", "double", "string", "bytes", "list", "map", "type")
} | {"null_type": TypeName("null")}
_MAX_DEPTH = 150


class Program:
    """An expression that is ready to run.

    Args:
        text: The expression.
        names: Variables that it may use.

    Raises:
        ExpressionError: It cannot be compiled.
    """

    __slots__ = ("_run", "nodes", "text", "used")

    def __init__(self, text: str, names: Iterable[str]) -> None:
        self.text = text
        compiler = _Compiler(parse(text), frozenset(names))
        self._run = compiler.node(compiler.parsed.tree, {}, 0)
        self.nodes = compiler.nodes
        self.used = frozenset(compiler.used)

    def run(self, variables: Mapping[str, Value], budget: Budget) -> Value:
        """The value of the expression.

        Raises:
            EvaluationError: It has none.
            BudgetError: It took too many steps.
        """
        budget.spend(self.nodes)
        try:
            return self._run(Frame(dict(variables), budget))
        except RecursionError:
            message = "is nested too deeply"
            raise EvaluationError(message) from None
        except UnicodeError:
            message = "a text holds half a character"
            raise EvaluationError(message) from None


class _Compiler:
    def __init__(self, parsed: Parsed, names: frozenset[str]) -> None:
        self.parsed = parsed
        self.names = names
        self.nodes = 0
        self.used: set[str] = set()

    def node(self, tree: Any, local: dict[str, str], depth: int) -> Run:  # noqa: ANN401 - lark's tree
        while len(tree.children) == 1 and tree.data in _WRAPPERS:
            tree = tree.children[0]
        if depth > _MAX_DEPTH:
            self.fail(tree, "is nested too deeply")
        self.nodes += 1
        build = getattr(self, f"_{tree.data}", None)
        if build is None:
            self.fail(tree, "makes a message of a type, which only a cluster knows")
        run: Run = build(tree, local, depth + 1)
        return run

    def fail(self, tree: Any, message: str) -> NoReturn:  # noqa: ANN401 - lark's tree or token
        raise ExpressionError(message, start_of(tree))

    def _expr(self, tree: Any, local: dict[str, str], depth: int) -> Run:  # noqa: ANN401
        return operators.conditional(*(self.node(child, local, depth) for child in tree.children))

    def _chain(self, tree: Any, local: dict[str, str], depth: int) -> list[Run]:  # noqa: ANN401
        parts: list[Any] = []
        kind = tree.data
        while tree.data == kind and len(tree.children) == 2:
            parts.append(tree.children[1])
            tree = tree.children[0]
        return [self.node(part, local, depth) for part in (tree, *reversed(parts))]

    def _conditionalor(self, tree: Any, local: dict[str, str], depth: int) -> Run:  # noqa: ANN401
        return operators.logical(self._chain(tree, local, depth), decisive=True)

    def _conditionaland(self, tree: Any, local: dict[str, str], depth: int) -> Run:  # noqa: ANN401
        return operators.logical(self._chain(tree, local, depth), decisive=False)

    def _relation(self, tree: Any, local: dict[str, str], depth: int) -> Run:  # noqa: ANN401
        left, right = tree.children
        return operators.binary(left.data, self.node(left.children[0], local, depth), self.node(right, local, depth))

    _addition = _relation
    _multiplication = _relation

    def _unary(self, tree: Any, local: dict[str, str], depth: int) -> Run:  # noqa: ANN401
        sign, inner = tree.children
        return operators.unary(sign.data, self.node(inner, local, depth))

    def _member_dot(self, tree: Any, local: dict[str, str], depth: int) -> Run:  # noqa: ANN401
        inner, name = tree.children
        of = self.node(inner, local, depth)
        is_optional = self.parsed.is_optional(end_of(inner), name.start_pos)
        return operators.field(of, str(name), is_optional=is_optional)

    def _member_index(self, tree: Any, local: dict[str, str], depth: int) -> Run:  # noqa: ANN401
        inner, key = tree.children
        of, at = self.node(inner, local, depth), self.node(key, local, depth)
        return operators.index(of, at, is_optional=self.parsed.is_optional(end_of(inner), start_of(key)))

    def _ident(self, tree: Any, local: dict[str, str], depth: int) -> Run:  # noqa: ANN401, ARG002
        name = str(tree.children[0])
        if name in local:
            slot = local[name]
            return lambda frame: frame.variables[slot]
        if name in self.names:
            self.used.add(name)
            return lambda frame: frame.variables[name]
        if name in TYPES:
            kind = TYPES[name]
            return lambda _: kind
        close = get_close_matches(name, [*local, *self.names], 1)
        hint = f"; did you mean `{close[0]}`?" if close else f"; known are {_listed(sorted(self.names))}"
        return self.fail(tree, f"`{name}` is no variable{hint}")

    _dot_ident = _ident

    def _paren_expr(self, tree: Any, local: dict[str, str], depth: int) -> Run:  # noqa: ANN401
        return self.node(tree.children[0], local, depth)

    def _literal(self, tree: Any, local: dict[str, str], depth: int) -> Run:  # noqa: ANN401, ARG002
        token = tree.children[0]
        try:
            value = literal(token.type, str(token))
        except EvaluationError as error:
            self.fail(token, error.message)
        return lambda _: value

    def _list_lit(self, tree: Any, local: dict[str, str], depth: int) -> Run:  # noqa: ANN401
        elements = tree.children[0].children if tree.children else []
        before = start_of(tree)
        parts: list[tuple[bool, Run]] = []
        for element in elements:
            is_optional = self.parsed.is_optional(before, start_of(element))
            parts.append((is_optional, self.node(element, local, depth)))
            before = end_of(element)

        def run(frame: Frame) -> Value:
            made: list[Value] = []
            for is_optional, part in parts:
                value = part(frame)
                made += operators.unwrapped(value) if is_optional else (value,)
            return made

        return run

    def _map_lit(self, tree: Any, local: dict[str, str], depth: int) -> Run:  # noqa: ANN401
        inits = tree.children[0].children if tree.children else []
        before = start_of(tree)
        parts: list[tuple[bool, Run, Run]] = []
        for key, value in zip(inits[::2], inits[1::2], strict=True):
            is_optional = self.parsed.is_optional(before, start_of(key))
            parts.append((is_optional, self.node(key, local, depth), self.node(value, local, depth)))
            before = end_of(value)

        def run(frame: Frame) -> Value:
            made: dict[Value, Value] = {}
            for is_optional, key, part in parts:
                name, value = key_of(key(frame)), part(frame)
                if name in made:
                    message = "the same key stands twice in a map"
                    raise EvaluationError(message)
                for one in operators.unwrapped(value) if is_optional else (value,):
                    made[name] = one
            return made

        return run

    def _ident_arg(self, tree: Any, local: dict[str, str], depth: int) -> Run:  # noqa: ANN401
        name, arguments = str(tree.children[0]), _arguments(tree.children[1:])
        if name == "has":
            return self._has(tree, arguments, local, depth)
        return self._call(tree, name, [], arguments, local, depth)

    _dot_ident_arg = _ident_arg

    def _member_dot_arg(self, tree: Any, local: dict[str, str], depth: int) -> Run:  # noqa: ANN401
        inner, name, arguments = tree.children[0], str(tree.children[1]), _arguments(tree.children[2:])
        space = _bare_name(inner)
        if space in _SPACES and space not in local and space not in self.names:
            if (space, name) == ("cel", "bind"):
                return bind_macro(self, tree, arguments, local, depth)
            return self._call(tree, f"{space}.{name}", [], arguments, local, depth)
        if name in MACROS and arguments:
            return macro(self, tree, name, inner, arguments, local, depth)
        return self._call(tree, name, [inner], arguments, local, depth)

    def _has(self, tree: Any, arguments: list[Any], local: dict[str, str], depth: int) -> Run:  # noqa: ANN401
        what = arguments[0] if len(arguments) == 1 else None
        while what is not None and what.data != "member_dot" and len(what.children) == 1:
            what = what.children[0] if hasattr(what.children[0], "children") else None
        if what is None or what.data != "member_dot":
            self.fail(tree, "`has` takes one field: `has(object.spec.replicas)`")
        inner, name = what.children
        return operators.has(self.node(inner, local, depth), str(name))

    def _call(
        self,
        tree: Any,  # noqa: ANN401
        name: str,
        receiver: list[Any],
        arguments: list[Any],
        local: dict[str, str],
        depth: int,
    ) -> Run:
        is_method = bool(receiver)
        found = overloads(name, len(arguments) + len(receiver), is_method=is_method)
        if not found:
            self.fail(tree, _unknown(name, is_method=is_method))
        return call(name, found, [self.node(one, local, depth) for one in (*receiver, *arguments)])


_SPACES = frozenset({"cel", "ip", "lists", "optional", "sets", "strings"})
_WRAPPERS = frozenset(
    {"expr", "conditionalor", "conditionaland", "relation", "addition", "multiplication", "unary", "member", "primary"}
)


def start_of(tree: Any) -> int:  # noqa: ANN401 - lark's tree or token
    """Offset of the first character of a part of the tree."""
    found = getattr(tree, "start_pos", None)
    return int(found if found is not None else getattr(tree.meta, "start_pos", 0))


def end_of(tree: Any) -> int:  # noqa: ANN401 - lark's tree or token
    """Offset after the last character of a part of the tree."""
    found = getattr(tree, "end_pos", None)
    return int(found if found is not None else getattr(tree.meta, "end_pos", 0))


def _arguments(children: list[Any]) -> list[Any]:
    return list(children[0].children) if children else []


def _bare_name(tree: Any) -> str:  # noqa: ANN401 - lark's tree
    """The name, when a part of the tree is one name and nothing else."""
    while len(tree.children) == 1 and tree.data in _WRAPPERS:
        tree = tree.children[0]
    return str(tree.children[0]) if tree.data == "ident" else ""


def _unknown(name: str, *, is_method: bool) -> str:
    known = sorted({one for one, method in table() if method == is_method} | (set(MACROS) if is_method else {"has"}))
    if name in known:
        return f"`{name}` does not take this number of arguments"
    if (name, not is_method) in table():
        return f"`{name}` is called as `{name}(x)`" if is_method else f"`{name}` is called as `x.{name}()`"
    close = get_close_matches(name, known, 1)
    return f"`{name}` is no function{f'; did you mean `{close[0]}`?' if close else ''}"


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
