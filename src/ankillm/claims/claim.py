"""Claims: phrases in a note, tied by a link to a fact and an expectation; nothing meant as one is passed over."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from msgspec import Struct

from ankillm.claims.expectation import Expectation
from ankillm.claims.quantities import disagreement
from ankillm.claims.statement import SCHEME, explanation, label_end, statement
from ankillm.common.patterns import regex
from ankillm.markdown.positions import Prose, prose

if TYPE_CHECKING:
    from markdown_it.token import Token

ADDRESS = regex(r"demo:([A-Za-z_]\w*)#([A-Za-z_]\w*)", re.IGNORECASE | re.ASCII)
MEANT = regex(r"demo\s*[:：]\s*([A-Za-z_]\w*)\s*[#＃]\s*([A-Za-z_]\w*)", re.IGNORECASE | re.ASCII)
UNDEFINED = regex(r"(?<![\\!])\[((?:[^\[\]]|\[[^\[\]]*\])+)(?<!\\)\]\[(?!\^)([^\[\]\n]+)\]")
HTML_LINK = regex(r"<[^<>!]*\bhref\s*=\s*[\"']?\s*demo:", re.IGNORECASE)
EXAMPLE = '[phrase](demo:lora#scaling "= 4×")'


class Claim(Struct, frozen=True):
    """A phrase in a note tied to a fact and an expectation; positions are 1-based, in characters."""

    file: str
    line: int
    column: int
    definition_line: int
    """The line of the reference definition; `line` itself for an inline link."""
    phrase: str
    demo: str
    fact: str
    expectation: str
    """The link's title, as written."""
    problem: str = ""
    """What makes it invalid on its own account, before any evidence; empty if nothing does."""
    statement: str = ""
    """What the phrase says, as Markdown that can be asked alone: the phrase, or the sentence up to it."""
    explanation: str = ""
    """What the note says behind it about whether it is true, as Markdown."""


class _Note(Struct, frozen=True):
    file: str
    text: str
    tokens: "Sequence[Token]"
    references: Mapping[str, Any]

    def definitions(self) -> dict[str, dict[str, Any]]:
        """Return the definitions of demo: addresses by their normalized label."""
        known: dict[str, dict[str, Any]] = self.references.get("references", {})
        return {label: entry for label, entry in known.items() if _is_demo(entry["href"])}


def find_claims(text: str, tokens: "Sequence[Token]", references: Mapping[str, Any], file: str) -> tuple[Claim, ...]:
    """Return the claims of a note in reading order, invalid ones with their problem.

    `tokens` and `references` are what the parser made of the text, with the places of links marked.
    """
    if "demo" not in text.casefold():
        return ()
    note = _Note(file, text, tokens, references)
    pieces = tuple(prose(text, tokens))
    claims = [*_links(note, pieces), *_plain(note, pieces), *_html(note), *_definitions(note, pieces)]
    if claims:
        claims += _undefined(note, pieces)
    return tuple(sorted(claims, key=lambda claim: (claim.line, claim.column)))


def _is_demo(address: str) -> bool:
    return address.casefold().startswith(SCHEME)


def _links(note: _Note, pieces: Iterable[Prose]) -> Iterator[Claim]:
    definitions = note.definitions()
    for piece in pieces:
        for token, start, end in piece.spans("link_open", "image"):
            address = str(token.attrs.get("href") or token.attrs.get("src") or "")
            if _is_demo(address):
                label = token.meta.get("label") if token.type == "link_open" else None
                definition = definitions.get(str(label)) if label else None
                yield _claim(note, piece, (token, start, end), definition)


def _claim(note: _Note, piece: Prose, found: "tuple[Token, int, int]", definition: Mapping[str, Any] | None) -> Claim:
    token, start, end = found
    address = unquote(str(token.attrs.get("href") or token.attrs.get("src")))
    title = str(token.attrs.get("title") or "")
    match = ADDRESS.fullmatch(address.strip())
    inner = piece.content[start + 1 : label_end(piece, start, end)]
    after = start + 1 + len(inner) - len(inner.lstrip())
    line, column = piece.place(after)
    demo, _, fact = match[0][len(SCHEME) :].partition("#") if match else address[len(SCHEME) :].partition("#")
    phrase, numbers = _spoken(token, piece.children)
    return Claim(
        file=note.file,
        line=line,
        column=column,
        definition_line=definition["map"][0] + 1 if definition else line,
        phrase=phrase,
        demo=demo,
        fact=fact,
        expectation=title,
        problem=_problem(token, named=bool(match), title=title, phrase=numbers),
        statement=statement(piece, start, end),
        explanation=explanation(piece, end),
    )


def _spoken(opening: "Token", children: "Sequence[Token]") -> tuple[str, str]:
    """Return a link's words as plain text, and the same without code, in which numbers are looked for."""
    if opening.type == "image":
        return opening.content, ""
    words: list[tuple[str, str]] = []
    at = next(index for index, token in enumerate(children) if token is opening)
    for token in children[at + 1 :]:
        if token.type == "link_close":
            break
        if token.type in {"softbreak", "hardbreak"}:
            words.append((" ", " "))
        elif token.type == "code_inline":
            words.append((token.content, " "))
        elif token.type == "math_inline":
            words.append((token.content, token.content if _is_number(token.content) else " "))
        elif token.type == "text":
            words.append((token.content, token.content))
    return "".join(word for word, _ in words).strip(), "".join(number for _, number in words)


def _is_number(tex: str) -> bool:
    """Whether a formula is an amount and nothing else: letters would name something."""
    return not re.search(r"[A-Za-z]", re.sub(r"\\(?:times|cdot|approx|sim|le|ge|leq|geq|lt|gt|,|%)", "", tex))


def _problem(token: "Token", *, named: bool, title: str, phrase: str) -> str:
    if token.type == "image":
        return f"an image is no claim: write a link, {EXAMPLE}"
    if not named:
        return f"the address names no fact: write demo:name#fact, as in {EXAMPLE}"
    if not title:
        return f"there is no expectation: write it behind the address, as in {EXAMPLE}"
    try:
        expectation = Expectation.parse(title)
    except ValueError as error:
        return str(error)
    told = disagreement(phrase, [number.value for number in expectation.numbers], expectation.unit)
    return f"the phrase says {told}, the expectation {title}: make them agree" if told else ""


def _plain(note: _Note, pieces: Iterable[Prose]) -> Iterator[Claim]:
    """Yield what looks like a claim's address and is text: curly quotes or a space too many made it so."""
    for piece in pieces:
        for match in MEANT.finditer(piece.masked()):
            line, column = piece.place(match.start())
            problem = f'this is text, not a link: write {EXAMPLE}, or [label]: {match[0]} "= 4×", with straight quotes'
            yield Claim(note.file, line, column, line, match[0], match[1], match[2], "", problem)


def _html(note: _Note) -> Iterator[Claim]:
    """Yield links to demos in raw HTML, which no card shows."""
    blocks = [token for token in note.tokens if token.type == "html_block" and token.map]
    inlines = [piece for piece in prose(note.text, note.tokens) if HTML_LINK.search(piece.content)]
    found = [(piece.place(start), token.content) for piece in inlines for token, start, _ in piece.spans("html_inline")]
    lines = note.text.split("\n")
    for block in blocks:
        for number in range(*(block.map or (0, 0))):
            found += [((number + 1, match.start() + 1), match[0]) for match in HTML_LINK.finditer(lines[number])]
    for (line, column), source in found:
        if HTML_LINK.search(source):
            yield Claim(note.file, line, column, line, source, "", "", "", f"HTML is no claim: write a link, {EXAMPLE}")


def _definitions(note: _Note, pieces: Iterable[Prose]) -> Iterator[Claim]:
    """Yield the definitions of demos that no phrase uses, and those that stand there twice."""
    used = {token.meta.get("label") for piece in pieces for token, _, _ in piece.spans("link_open")}
    definitions = note.definitions()
    for label, entry in definitions.items():
        if label not in used:
            name = _label(note, entry)
            yield _defined(note, entry, f"no phrase uses this definition: write [phrase][{name}], or delete it")
    known: Mapping[str, Any] = note.references.get("references", {})
    for entry in note.references.get("duplicate_refs", ()):
        if _is_demo(entry["href"]) or entry["label"] in definitions:
            first = known[entry["label"]]["map"][0] + 1
            yield _defined(
                note, entry, f"[{_label(note, entry)}] is already defined in line {first}: rename or delete it"
            )


def _label(note: _Note, entry: Mapping[str, Any]) -> str:
    """Return a definition's label as it is written."""
    line = note.text.split("\n")[entry["map"][0]]
    match = re.search(r"\[(.*?)(?<!\\)\]:", line)
    return match[1] if match else ""


def _defined(note: _Note, entry: Mapping[str, Any], problem: str) -> Claim:
    row = entry["map"][0]
    column = note.text.split("\n")[row].find("[") + 1
    demo, _, fact = unquote(entry["href"])[len(SCHEME) :].partition("#")
    phrase = f"[{_label(note, entry)}]"
    return Claim(note.file, row + 1, max(column, 1), row + 1, phrase, demo, fact, entry["title"], problem)


def _undefined(note: _Note, pieces: Iterable[Prose]) -> Iterator[Claim]:
    """Yield phrases with a label that nothing defines."""
    labels = {_label(note, entry): entry for entry in note.definitions().values()}
    for piece in pieces:
        for match in UNDEFINED.finditer(piece.masked()):
            line, column = piece.place(match.start() + 1)
            near = difflib.get_close_matches(match[2], labels, n=1)
            hint = f"did you mean [{near[0]}]?" if near else f'define it: [{match[2]}]: demo:name#fact "= N"'
            phrase = piece.content[match.start(1) : match.end(1)]
            yield Claim(note.file, line, column, line, phrase, "", "", "", f"nothing defines [{match[2]}]; {hint}")
