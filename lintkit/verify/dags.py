"""The DAGs that the files of a repository define, as far as their text alone decides it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.collect.repository import Repository

ENDINGS = (".py", ".zip")


class Dag(NamedTuple):
    """A DAG, and where it is written: file and 1-based line."""

    id: str
    path: str
    line: int


def dag_files(repository: Repository, folder: str) -> list[str]:
    """The files below a folder that Airflow would read, relative to it."""
    prefix = f"{folder}/" if folder else ""
    return sorted(
        path[len(prefix) :]
        for path in repository.listing.files
        if path.startswith(prefix) and path.endswith(ENDINGS) and "__pycache__" not in path
    )


def dags_of(repository: Repository, folder: str) -> Iterator[Dag]:
    """The DAGs below a folder whose ids are plain text."""
    prefix = f"{folder}/" if folder else ""
    for name in dag_files(repository, folder):
        source = repository.source(prefix + name) if name.endswith(".py") else None
        if source is None:
            continue
        try:
            module = ast.parse(source.text)
        except (SyntaxError, ValueError, RecursionError):
            continue  # Airflow reports it, as an import error
        yield from _of_module(module, prefix + name)


def _of_module(module: ast.Module, path: str) -> Iterator[Dag]:
    called = {
        node.func.id
        for statement in module.body
        for node in ast.walk(statement)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not _is_definition(statement)
    }
    for statement in module.body:
        if isinstance(statement, ast.FunctionDef):
            for decorator in statement.decorator_list:
                dag_id = _decorated(decorator, statement.name)
                if dag_id and statement.name in called:
                    yield Dag(dag_id, path, statement.lineno)
        elif not _is_definition(statement) and not isinstance(statement, ast.If | ast.For | ast.While | ast.Try):
            yield from _calls(statement, path)


def _is_definition(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


def _calls(statement: ast.stmt, path: str) -> Iterator[Dag]:
    for node in ast.walk(statement):
        if isinstance(node, ast.Call) and _name(node.func) == "DAG":
            given = next(
                (one.value for one in node.keywords if one.arg == "dag_id"), node.args[0] if node.args else None
            )
            if isinstance(given, ast.Constant) and isinstance(given.value, str):
                yield Dag(given.value, path, node.lineno)


def _decorated(decorator: ast.expr, name: str) -> str:
    if isinstance(decorator, ast.Call) and _name(decorator.func) == "dag":
        given = next((one.value for one in decorator.keywords if one.arg == "dag_id"), None)
        given = given or (decorator.args[0] if decorator.args else None)
        if given is None:
            return name
        return given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else ""
    return name if _name(decorator) == "dag" else ""


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
