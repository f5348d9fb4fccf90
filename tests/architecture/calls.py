"""Who calls what in the program's text: found by reading the syntax tree, not by running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Caller:
    """A function that calls one of the names asked for."""

    name: str  # services/reported.py:set_numbers
    arguments: frozenset[str]


def list_callers(sources: Mapping[str, str], *names: str) -> list[Caller]:
    """Return the functions in which something named so is called: `x.connection(` for "connection"."""
    return [
        Caller(f"{path}:{function.name}", _arguments(function))
        for path, text in sorted(sources.items())
        for function in _functions(ast.parse(text))
        if _called(function) & set(names)
    ]


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def _called(function: ast.FunctionDef) -> set[str]:
    """Return `connection` and `tenancy.connection` for a call `tenancy.connection(...)`."""
    names: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            full = ast.unparse(node.func)
            names |= {full, full.rpartition(".")[2]}
    return names


def _arguments(function: ast.FunctionDef) -> frozenset[str]:
    given = function.args
    return frozenset(one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs))
