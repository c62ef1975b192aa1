"""Tags of a card: where it stands in its note, and the term that it is about."""

from functools import lru_cache

from ankillm.cards.names import tag
from ankillm.common.patterns import regex

NUMBER = regex(r"^[\d\W_]+$")
NAMED = frozenset({"definition", "code", "formula"})
"""Cards that are about a term; other questions have no name but their wording."""
LONGEST, LEVELS = 40, 2


def own_tags(section: tuple[str, ...], question: str, name: str) -> tuple[str, ...]:
    """Return the section as one tag with levels, `lora::用_peft_套上_lora`, and the term where it is a short name."""
    where = _section_tag(section[:LEVELS])
    term = tag(name.replace("::", ":")) if question in NAMED else ""
    named = (term,) if term and len(term) <= LONGEST and not NUMBER.match(term) else ()
    return (where, *named) if where else named


@lru_cache(maxsize=1024)
def _section_tag(titles: tuple[str, ...]) -> str:
    return tag("::".join(title.replace("::", ":") for title in titles))
