"""Fields out of a ledger: a ledger that came with somebody's project is no more to be trusted than a note."""

import re
from html.parser import HTMLParser

from ankillm.anki.html import LINK
from ankillm.common.patterns import regex

TAGS = frozenset(
    (
        "a blockquote br code del details div em h1 h2 h3 h4 h5 h6 hr img kbd li mark ol p pre span strong sub summary "
        "sup table tbody td th thead tr u ul"
    ).split()
)
IN_VAULT = r"obsidian://open\?vault=[\w.~%-]+&file=[\w.~%-]+"
WORDS = regex(r"[\w -]*")
ATTRIBUTES = {
    "href": regex(rf"{LINK.pattern}|{IN_VAULT}", re.IGNORECASE),
    "src": regex(r"[\w.-]+"),
    "alt": regex(r".*", re.DOTALL),
    "class": WORDS,
    "start": regex(r"\d+"),
    "width": regex(r"\d{1,4}"),
    "style": regex(r"text-align:(?:left|right|center)"),
}


class _Vet(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.harmless = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = all(name in ATTRIBUTES and ATTRIBUTES[name].fullmatch(value or "") for name, value in attrs)
        self.harmless = self.harmless and tag in TAGS and known

    def handle_comment(self, data: str) -> None:  # noqa: ARG002  (HTMLParser's signature, here and below)
        self.harmless = False

    def handle_decl(self, decl: str) -> None:  # noqa: ARG002
        self.harmless = False

    def handle_pi(self, data: str) -> None:  # noqa: ARG002
        self.harmless = False

    def unknown_decl(self, data: str) -> None:  # noqa: ARG002
        self.harmless = False


def harmless(field: str) -> bool:
    """Whether a field holds only what our renderer can write."""
    vet = _Vet()
    vet.feed(field)
    rest = vet.rawdata
    vet.close()
    return vet.harmless and "<" not in rest
