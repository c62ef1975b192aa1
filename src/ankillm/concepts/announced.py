"""A list that a title announces, where it comes first in the section.

Before: `## LLM主流架构` over `- Decoder-Only`; `## 2 NLP 的四种范式` over four items.
After: the title, its items the values.
"""

from collections.abc import Iterator

from ankillm.blocks import List, Paragraph
from ankillm.concepts.attribute import COUNTING, attribute
from ankillm.concepts.model import Concept
from ankillm.concepts.pieces import Piece, as_prose, pieces
from ankillm.concepts.scope import Scope, is_generic, is_name
from ankillm.concepts.words import LISTS, STEPS, is_ignored
from ankillm.sections import Section


def announced(section: Section, scope: Scope) -> Iterator[Concept]:
    """Yield the announced list of a section, if it has one."""
    blocks = as_prose(section.blocks)
    lead = blocks[1:] if len(blocks) > 1 and isinstance(blocks[0], Paragraph) else blocks
    if not lead or not isinstance(lead[0], List) or not (LISTS.search(section.title) or STEPS.search(section.title)):
        return
    if any(item.text.rstrip().endswith(("：", ":")) for item in lead[0].items):
        return
    found = next(iter(pieces(blocks)))
    if lead is not blocks and found.body and not is_ignored(found.label) and LISTS.search(found.label):
        return
    names = [title for title in section.path[:-1] if not is_generic(title) and is_name(title)]
    counts = is_generic(section.title) or COUNTING.match(section.title)
    subject = names[-1] if counts and names else section.title
    whole = Piece(section.title, "", (lead[0],), lead[0].line, lead[0].end, steer=section.steer)
    yield from attribute(whole, Scope(section.path, subject, (), scope.language)) or ()
