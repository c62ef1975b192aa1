"""Tags of a card: where it stands in its note, and the term that it is about."""

import re

from ankillm.cards import Card
from ankillm.names import tag

NUMBER = re.compile(r"^[\d\W_]+$")
NAMED = frozenset({"definition", "code", "formula"})
"""Cards that are about a term; other questions have no name but their wording."""
LONGEST, LEVELS = 40, 2


def own_tags(card: Card) -> tuple[str, ...]:
    """Return the section as one tag with levels, `lora::用_peft_套上_lora`, and the term where it is a short name."""
    section = tag("::".join(title.replace("::", ":") for title in card.section[:LEVELS]))
    term = tag(card.name.replace("::", ":")) if card.question in NAMED else ""
    named = term if len(term) <= LONGEST and not NUMBER.match(term) else ""
    return tuple(slug for slug in (section, named) if slug)
