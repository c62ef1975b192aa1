"""Two or three names in a list that the code goes on to use: recall each.

Before: `no_decay = ['bias', 'LayerNorm.weight']`. After: a cloze a name.
"""

from itertools import pairwise

from ankillm.common.patterns import regex
from ankillm.extract.code_lines import code_lines, place_of
from ankillm.extract.concepts import CodeGap, Concept
from ankillm.extract.scope import Scope
from ankillm.markdown.blocks import CodeBlock

NAMES = regex(r"^(?P<target>[A-Za-z_]\w*)\s*=\s*[\[({](?P<names>[^\[\](){}]+)[\])}]$")
NAME = regex(r"(['\"])(?P<name>[A-Za-z_][\w.-]*)\1")
IDENTIFIER = regex(r"[_.\dA-Z]")
"""What a name in code has, and a word of an example has not: `["apple", "cherry"]`."""
FEWEST, MOST = 2, 3
WORD = regex(r"\w+")


def named_strings(fence: CodeBlock, scope: Scope) -> list[Concept]:
    """Return a cloze for each of two or three names in a list that is used further down."""
    found: list[Concept] = []
    for line in code_lines(fence):
        match = NAMES.match(line.code)
        if not match or WORD.findall(fence.code).count(match["target"]) == 1:
            continue
        names = list(NAME.finditer(line.text))
        between = {line.text[a.end() : b.start()].strip() for a, b in pairwise(names)}
        if not any(IDENTIFIER.search(name["name"]) for name in names):
            continue
        if not FEWEST <= len(names) <= MOST or between != {","} or len(names) != match["names"].count(",") + 1:
            continue
        place = place_of(line, scope)
        found += [
            CodeGap(place, line.text, *name.span("name"), fence.language, f"{match['target']}:{name['name']}")
            for name in names
        ]
    return found
