"""Code → Pygments' tokens, for any language that it knows."""

from functools import cache
from typing import Any, TypeAlias

Token: TypeAlias = tuple[Any, str]
"""A token type of Pygments, which ships no types, and its characters."""


def tokens(code: str, language: str) -> tuple[Token, ...]:
    """Return the tokens of code; none for a language that Pygments does not know."""
    lexer = _lexer(language)
    return tuple(lexer.get_tokens(code)) if lexer else ()


@cache
def _lexer(language: str) -> Any:  # noqa: ANN401  (likewise)
    from pygments.lexers import find_lexer_class_by_name  # noqa: PLC0415  (slow to import; only notes with code pay)
    from pygments.util import ClassNotFound  # noqa: PLC0415  (as above)

    try:
        found = find_lexer_class_by_name(language)
    except ClassNotFound:
        return None
    if found.name == "Python":
        from ankillm.markdown.python_lexer import PlainPythonLexer  # noqa: PLC0415  (as above)

        found = PlainPythonLexer
    return found(stripnl=False, ensurenl=False)
