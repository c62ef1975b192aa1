"""JSON with the slips of a chat: a comma behind the last entry, curly quotation marks, TeX's backslashes undoubled."""

import json
import re
from typing import Any

from ankillm.common.patterns import regex

MOST_CHARACTERS = 2**17
"""Of JSON that is mended."""
PIECE = regex(
    r'"(?:[^"\\]|\\.)*+"|[“”]((?:[^“”"\\]|\\.|[“”"](?!\s*[,:}\]]))*+)[“”"]|,(?=\s*[\]}])|[{}\[\]“”]', re.DOTALL
)
"""A string, one in curly marks, a comma too much, a bracket, a mark that nothing closes."""
ESCAPE = regex(r"\\(?![\"\\/bfnrtu])")
QUOTE = regex(r'(?<!\\)"')


def mended(text: str, start: int) -> tuple[Any, int]:
    """Return what JSON with slips says that starts at a bracket, and where it ends.

    :raises ValueError: if there is none.
    """
    out, depth, at = [], 0, start
    for match in PIECE.finditer(text, start, start + MOST_CHARACTERS):
        out.append(text[at : match.start()])
        at = match.end()
        piece = match[0]
        if piece in "“”":
            break
        if match[1] is not None:
            piece = '"' + QUOTE.sub(r"\"", match[1]) + '"'
        out.append(ESCAPE.sub(r"\\\\", piece) if piece[0] == '"' else piece.strip(","))
        depth += (piece in "{[") - (piece in "}]")
        if not depth:
            return json.loads("".join(out), strict=False), at
    raise ValueError("it does not end")
