"""What gives no card: examples, output, summaries, links, plans and turns of phrase, with all that stands under them.

Before: `输出：` over a fence; `让我们来看：`. After: nothing.
"""

import re

from ankillm.common.patterns import regex
from ankillm.extract.concepts import Concept
from ankillm.extract.pieces import Piece
from ankillm.extract.scope import Scope
from ankillm.extract.vocabulary import AIM, is_passed_over
from ankillm.markdown.blocks import Table
from ankillm.markdown.inline import is_only_links, plain_text
from ankillm.markdown.list_lines import COMMAND

SUMS = regex(r"[总小]结|回顾|summary|recap|对比|效果", re.IGNORECASE)
"""A label over a table that sums up what was learnt, not what one run gave."""


def skipped(piece: Piece, scope: Scope) -> list[Concept] | None:  # noqa: ARG001  (every rule has both)
    """Take a label of that kind, unless a table stands under it; or a text that is only links."""
    tabled = any(isinstance(block, Table) for block in piece.body)
    aimed = piece.text and not piece.body and AIM.match(piece.label)
    if is_passed_over(piece.label) and not (tabled and SUMS.search(piece.label)) and not aimed:
        return []
    return [] if piece.text and _says_nothing(plain_text(piece.text), piece) else None


def _says_nothing(plain: str, piece: Piece) -> bool:
    """Whether a text is a command or only links."""
    return not piece.body and bool(COMMAND.match(plain) or is_only_links(piece.text))
