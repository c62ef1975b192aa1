"""Pygments' lexer of Python, whose names need no classes of letters spelled out.

Those cost as much as all else of colouring Python, as `benchmarks/where.py` prints, and most notes have Python.
"""

from typing import Any

from pygments.lexers.python import PythonLexer

NAME = r"[^\W\d][\w\u00b7\u0300-\u036f]*"
"""A name: letters, of which Latin ones may be written as two characters, digits, underscores, and the middle dot."""


def _plain(rule: Any) -> Any:  # noqa: ANN401  (pygments ships no types)
    if isinstance(rule, tuple) and isinstance(rule[0], str):
        return (rule[0].replace(PythonLexer.uni_name, NAME), *rule[1:])
    return rule


class PlainPythonLexer(PythonLexer):  # type: ignore[misc]
    """Python's lexer, with names as `NAME` has them; rare marks within names of other scripts are no part of them."""

    tokens = {state: [_plain(rule) for rule in rules] for state, rules in PythonLexer.tokens.items()}  # noqa: RUF012  (pygments' own form)
