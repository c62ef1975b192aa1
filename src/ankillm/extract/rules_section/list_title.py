"""A list that a title announces, where it comes first in the section.

Before: `## LLM主流架构` over `- Decoder-Only`; `## 2 NLP 的四种范式` over four items.
After: the title, its items the values.
"""

from collections.abc import Iterator, Sequence

from ankillm.common.patterns import ARROW, regex, without
from ankillm.extract.concepts import Attribute, Concept, Place
from ankillm.extract.headword import CODED_FIRST, ROLE_FIRST
from ankillm.extract.pieces import Piece, as_prose, pieces
from ankillm.extract.rules_block.attribute import COUNTING, attribute
from ankillm.extract.scope import Scope, is_generic, is_name
from ankillm.extract.subject import thing_above
from ankillm.extract.vocabulary import LISTS, STEPS, is_ignored
from ankillm.markdown.blocks import Block, List, Paragraph, Section

LEADS_TO = regex(rf"\s*{ARROW}\s*")
FEWEST, MOST_STEPS, LONGEST_STEP = 4, 9, 24


def list_title(section: Section, scope: Scope) -> Iterator[Concept]:
    """Yield the announced list of a section, if it has one."""
    blocks = as_prose(section.blocks)
    lead = blocks[1:] if len(blocks) > 1 and isinstance(blocks[0], Paragraph) else blocks
    if steps := _flow(blocks, section, scope):
        yield steps
        return
    if not lead or not isinstance(lead[0], List) or not (LISTS.search(section.title) or STEPS.search(section.title)):
        return
    if any(item.text.rstrip().endswith(("：", ":")) for item in lead[0].items):
        return
    over = [piece for piece in pieces(blocks[:2]) if piece.body]
    if lead is not blocks and any(not is_ignored(piece.label) and LISTS.search(piece.label) for piece in over):
        return
    names = _names_above(section)
    counts = is_generic(section.title) or COUNTING.match(section.title)
    above = thing_above(section.path[:-1]) if is_generic(section.title) else section.title
    subject = names[-1] if counts and names else above
    whole = Piece(section.title, "", (lead[0],), lead[0].line, lead[0].end, directive=section.directive)
    yield from attribute(whole, Scope(section.path, subject, (), scope.language, scope.body)) or ()


def _flow(blocks: Sequence[Block], section: Section, scope: Scope) -> Attribute | None:
    """Return the steps that a section's first line leads through with arrows, under a title that announces steps."""
    if not blocks or not isinstance(blocks[0], Paragraph) or not STEPS.search(section.title):
        return None
    first = blocks[0]
    steps = tuple(LEADS_TO.split(first.text.split("\n")[0].strip()))
    if not FEWEST <= len(steps) <= MOST_STEPS or max(map(len, steps)) > LONGEST_STEP:
        return None
    place = Place(scope.path, first.line, first.end, first.directive.within(section.directive))
    names = _names_above(section)
    return Attribute(place, names[-1] if names else "", section.title, steps, ordered=True)


def _names_above(section: Section) -> list[str]:
    """Return what the titles above a section name, as they are written, without bullets and numbers of lessons."""
    above = (title for title in section.path[:-1] if not is_generic(title) and is_name(title))
    return [without(ROLE_FIRST, CODED_FIRST.sub("", title)) for title in above]
