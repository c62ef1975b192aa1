"""The first statement under a name, where nothing else in the section defines it.

Before: `**top_k**` over `- 只在概率最高的 k 个词元里采样`. After: the name, defined by the statement.
"""

import re
from collections.abc import Iterator

from msgspec.structs import replace

from ankillm.common.patterns import regex
from ankillm.extract.cloze import WRITTEN
from ankillm.extract.concepts import Concept, Definition, Problem, Question
from ankillm.extract.pieces import pieces
from ankillm.extract.scope import Scope, uncited
from ankillm.extract.vocabulary import TRANSITION, TROUBLE, without_what_is
from ankillm.markdown.blocks import Section
from ankillm.markdown.inline import is_only_links, plain_text
from ankillm.markdown.list_lines import COMMAND
from ankillm.markdown.sentences import joined_words, sentences

SEVERAL = regex(r"、|[\w)）]\s*(?:与|和|vs\.?|/|and)\s*[A-Za-z]", re.IGNORECASE)
"""A title that names several things, none of which its first statement has to be about."""
DIFFERS = regex(r"(?:和|与|跟).+的?(?:区别|不同|差异)$|\bvs\.?\s", re.IGNORECASE)
"""A title that sets two things against each other."""
LEAST, MOST = 12, 130
OPENED_BY = regex(
    r"^(?:有人|除了|目前|前面|上面|我|你|大家|这里|代码里|there|we|i|you|prof|note|besides|before|first)(?![a-z])",
    re.IGNORECASE,
)


def opening(section: Section, scope: Scope, taken: set[int]) -> Iterator[Concept]:
    """Yield the first statement under a name as its definition, where nothing else defines it."""
    first = next(pieces(section.blocks), None)
    titled = uncited(without_what_is(section.title))
    differs = bool(first and not first.label and first.text and not first.body and DIFFERS.search(section.title))
    if first and differs and first.line not in taken and not first.directive.skip:
        named = section.title if "区别" in section.title or "不同" in section.title else f"{section.title} 的区别"
        asked = (
            joined_words(named, "是什么？") if scope.language == "zh" else f"{section.title}: what is the difference?"
        )
        place = replace(scope.place(first), directive=first.directive.within(section.directive))
        yield Question(place, asked, first.text)
        return
    trouble = TROUBLE.match(section.title)
    if first and trouble and first.line not in taken and not first.directive.skip and first.text and not first.label:
        place = replace(scope.place(first), directive=first.directive.within(section.directive))
        yield Problem(place, trouble["what"], first.text)
        return
    names_its_subject = section.level > 1 and scope.subject == titled and not (scope.labels or SEVERAL.search(titled))
    if first is None or first.directive.skip or not names_its_subject:
        return
    if first.line in taken or first.label or first.body:
        return
    said = sentences(first.text)[0] if first.text else ""
    plain = plain_text(said)
    statement = LEAST <= len(plain) <= MOST and not (
        TRANSITION.match(plain)
        or COMMAND.match(plain)
        or OPENED_BY.match(plain)
        or plain.endswith((":", "：", "?", "？"))
    )
    if statement and not is_only_links(said) and not WRITTEN.search(said):
        directive = first.directive.within(section.directive)
        yield Definition(replace(scope.place(first), directive=directive), scope.subject, said)
