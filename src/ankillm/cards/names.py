"""Names as Anki takes them unchanged: of decks, tags and media files; whatever else Anki would rewrite on import."""

import re
import unicodedata
from functools import lru_cache

from ankillm.common.patterns import regex

UNSEEN = regex("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""Control characters (0x1f parts Anki's fields), lone surrogates, and characters that are none."""
MAX_MEDIA_STEM = 80
"""Bytes; Anki cuts a media file's name at 119."""


def clean(text: str) -> str:
    """Return text without characters that Anki drops or fails on, in NFC as Anki keeps it."""
    if text.isascii() and text.isprintable():
        return text
    return unicodedata.normalize("NFC", UNSEEN.sub("", text))


@lru_cache(maxsize=1024)
def deck_name(name: str) -> str:
    """Return a deck's full name: no empty parts, no quotes, no space around `::`; never Anki's own `Default`."""
    parts = (" ".join(re.sub(r'[\s"]+', " ", clean(part)).split()) for part in name.split("::"))
    whole = "::".join(part for part in (part.strip(": ") for part in parts) if part) or "ankillm"
    return f"{whole}_" if whole.lower() == "default" else whole


@lru_cache(maxsize=4096)  # of a deck's cards, most share theirs
def tag(name: str) -> str:
    """Return a tag, maybe empty: lower case, as Anki takes tags that differ in case for one, and `_` for spaces."""
    parts = (re.sub(r'[\s"\u3000]+', "_", clean(part)).strip("_:").lower() for part in name.split("::"))
    return "::".join(part for part in parts if part)


def tags(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the tags of a card, each once, sorted."""
    return tuple(sorted({slug for slug in map(tag, names) if slug}))


def media_name(stem: str, digest: str, suffix: str) -> str:
    """Return a media file's name: what it was called, and its content's hash, so that a change always arrives."""
    plain = re.sub(r"[^\w.-]+", "-", clean(stem)).strip("._-")
    short = plain.encode()[:MAX_MEDIA_STEM].decode("utf-8", "ignore")
    return f"{short or 'image'}-{digest[:16]}{suffix.lower()}"
