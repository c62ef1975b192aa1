"""Pygments' lexer of Python, whose names need no classes of letters spelled out.

Those take longer to compile than all its other patterns, as `benchmarks/where.py` prints, and most notes have Python.
"""

from typing import Any

from pygments.lexers.python import PythonLexer

NAME = r"[^\W\d]\w*"


def _plain(rule: Any) -> Any:  # noqa: ANN401  (pygments ships no types)
    if isinstance(rule, tuple) and isinstance(rule[0], str):
        return (rule[0].replace(PythonLexer.uni_name, NAME), *rule[1:])
    return rule


class PlainPythonLexer(PythonLexer):  # type: ignore[misc]
    """Python's lexer."""

    tokens = {state: [_plain(rule) for rule in rules] for state, rules in PythonLexer.tokens.items()}  # noqa: RUF012  (pygments' own form)
