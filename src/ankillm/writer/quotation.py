"""A quotation found in its passage: the answer of a written card is the note's own words, never the model's.

It has to stand there to the letter, but for white space, Markdown's signs, the width and the style of signs, and what a
model puts around it; what it leaves out by dots is put back. Where it is cut must not change what the note says: no
part of a word, no number without its `%` or `about`, no words without the `not` in front of them.
"""

import re
import unicodedata
from collections.abc import Iterator

from msgspec import Struct

from ankillm.common.patterns import regex
from ankillm.extract.bare import WHOLE, as_markdown, bare, is_whole
from ankillm.extract.passage import Passage
from ankillm.markdown.blocks import CodeBlock, Paragraph
from ankillm.markdown.inline import plain_text
from ankillm.markdown.writer import bulleted

SIGNS = frozenset("*_`~\\$")
"""Markdown's signs, which a quotation may have or leave out."""
ALIKE = str.maketrans("“”„‟«»「」『』‘’‚‛–—―‑−", '"' * 10 + "'" * 4 + "-" * 5)
"""Quotation marks and dashes, each in one form."""
UNESCAPED = str.maketrans("\b\f\n\r\t", "bfnrt")
"""What JSON makes of `\\times` where a model does not double its backslash: a tab, and `imes`."""
AROUND = " \t\n\"'“”„«»「」『』‘’.。…!！?？;；,，、"
"""What a model may put around a quotation."""
LEFT_OUT = regex(r"\s*(?:\[\s*)?(?:…+|\.{3,}|。{3,})(?:\s*\])?\s*")
SENTENCE_ENDS = regex(r"[。！？!?；;]|\.\s")
SENTENCES = regex(r"(?<=[。！？!?])|(?<=\.)\s+")
ENDS = " \t\n，,；;。：:、"
BULLET = regex(r"^\s*(?:[-*+•]|\d{1,3}[.)、])\s+", re.MULTILINE)
PAIR = regex(r"(?![的了在是和与为将把被对从到中上下个])[㐀-鿿]{2}(?<![的了在是和与为将把被对从到中上下个])")
OFTEN = 3
"""Two Chinese characters that may be of one word, and how often they stand together if they are."""
WORD = regex(r"[A-Za-z0-9_]")
JOINED_BEFORE = regex(r"(?:^|[\s`-])-$|\w[./]$")
JOINED_BEHIND = regex(r"[./-]\w")
"""What joins words of code to one name."""
CLAUSES = regex(r"[，,；;。！？!?：:—]|\.\s|\s[-–]+\s")
NUMBER = regex(r"[+−-]?\d[\d.,]*")
OF_NUMBER = regex(
    r"""(?:\b(?:about|around|roughly|nearly|almost|approximately|at\ (?:least|most)|up\ to|(?:less|more|fewer)\ than
        |over|under|below|above|between|from|minus)
      |约|大概|将近|接近|近|不到|不足|超过|至少|至多|最多|最少|[低高小大少多]于|负|从|[<>≤≥≈~～±+−-]|\d[.,])\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
"""What stands before a number and is a part of what it says."""
MORE_OF_NUMBER = regex(
    r"""\s*[%‰°^×/⁰¹²³⁴-⁹]|\s*[百千万亿兆多余几倍]|\s*[kKMGTP]i?B\b|[.,:]\d|\s*[-–—~～至到]\s*\d
      |\s*(?:to\ \d|or\ (?:more|less)|percent|thousand|million|billion|times)\b""",
    re.IGNORECASE | re.VERBOSE,
)
"""What stands behind a number and is a part of it."""
HEDGED = regex(
    r"(?:\b(?:almost|nearly|hardly|barely|roughly|approximately)\s+|几乎(?:都|是|为)?|近乎|差不多(?:是|为)?)$",
    re.IGNORECASE,
)
"""Words of which no answer is cut off."""
STRUCK = regex(r"~~|<(?:del|s|strike)\b", re.IGNORECASE)
ABSENT, CUT, STRUCK_OUT = "not-quoted", "cut", "struck-out"


class Quotation(Struct, frozen=True):
    """The note's own words that a model points to, as Markdown, and the statement that they stand in."""

    answer: str
    statement: str = ""
    """A sentence or an item without emphasis, links and tags; empty for words that stand in no sentence."""
    start: int = 0
    end: int = 0

    @property
    def clause(self) -> str:
        """The words around it, as far as the signs that part clauses."""
        before = CLAUSES.split(self.statement[: self.start])[-1]
        return f"{before} {CLAUSES.split(self.statement[self.end :], maxsplit=1)[0]}"

    def overlaps(self, other: "Quotation") -> bool:
        """Whether two quotations of a passage share at least half of the longer one."""
        one, two = _letters(self.answer)[0], _letters(other.answer)[0]
        if not self.statement or self.statement != other.statement:
            return one == two
        shared = min(self.end, other.end) - max(self.start, other.start)
        return 2 * shared >= max(self.end - self.start, other.end - other.start)


def is_struck(passage: Passage) -> bool:
    """Whether words of a passage are struck out: what stands there is not what the note says."""
    return passage.kind not in {"code", "formula"} and bool(STRUCK.search(passage.text))


def quotation(passage: Passage, quote: str) -> Quotation | str:
    """Return what a quotation points to in a passage, or the code of what is wrong with it."""
    if is_struck(passage):
        return STRUCK_OUT
    match passage.kind:
        case "code":
            return _in_code(passage, quote)
        case "formula":
            same = _letters(passage.text)[0] == _letters(quote)[0]
            return Quotation(f"$$\n{passage.text.strip()}\n$$") if same else ABSENT
        case "row":
            return _first(_in_words(cell, quote) for cell in passage.cells)
        case "list":
            return _in_list(passage, quote)
        case _:
            found = _in_words(passage.text, quote)
            return found if isinstance(found, str) or passage.kind != "question" else ABSENT


def halves_word(found: Quotation, note: str) -> bool:
    """Whether a quotation starts or ends within a Chinese word, as its note tells.

    Of a word there, one half stands with the other wherever it stands, and that several times: `存` behind `显`.
    """
    return any(_is_within(found.statement[at - 1 : at + 1], note) for at in (found.start, found.end) if at)


def _is_within(pair: str, note: str) -> bool:
    if not PAIR.fullmatch(pair):
        return False
    together = note.count(pair)
    return together >= OFTEN and together in {note.count(pair[0]), note.count(pair[1])}


def sentence_before(passage: Passage) -> str:
    """Return the sentence that stands in front of a passage in its block; empty for the first one."""
    text = passage.block.text if isinstance(passage.block, Paragraph) else ""
    start = next(_spans(text, passage.text), (0, 0))[0]
    return plain_text(["", *filter(str.strip, SENTENCES.split(text[:start]))][-1])


def _first(found: Iterator[Quotation | str]) -> Quotation | str:
    """Return the first quotation, else the code that says most."""
    codes = [ABSENT]
    for one in found:
        if isinstance(one, Quotation):
            return one
        codes.append(one)
    return next((code for code in codes if code != ABSENT), ABSENT)


def _in_list(passage: Passage, quote: str) -> Quotation | str:
    """Find a quotation in one item of a list; or it is the whole list, bullets and numbers aside."""
    items = passage.text.split("\n")
    if _letters(BULLET.sub("", quote))[0] == _letters("\n".join(items))[0]:
        return Quotation(bulleted(items))
    return _first(_in_words(item, quote) for item in items)


def _in_code(passage: Passage, quote: str) -> Quotation | str:
    """Find a quotation in code: a part of a line, or whole lines."""
    code = passage.rest or passage.text
    language = passage.block.language if isinstance(passage.block, CodeBlock) else ""
    wrong = ABSENT
    for start, end in _spans(code, quote):
        words = code[start:end]
        if _cuts_code(code, start, end) or "`" in words:
            wrong = CUT
        elif "\n" in words:
            return Quotation(f"```{language}\n{words}\n```")
        else:
            return Quotation(f"`{words}`")
    return wrong


def _in_words(markdown: str, quote: str) -> Quotation | str:
    """Find a quotation in a sentence, an item or a cell."""
    text = bare(markdown)
    wrong = ABSENT
    for found in _spans_read(text, quote):
        start, end = _widened(text, *found)
        while end > start and text[end - 1] in ENDS:
            end -= 1
        words = text[start:end]
        if not words or _cuts_word(text, start, end) or _cuts_number(text, start, end):
            wrong = CUT
        elif code := _inside(text, start, end):
            if code[0] == "$" or _cuts_code(text, start, end):
                wrong = CUT
            else:
                return Quotation(f"`{words}`", text, start, end)
        elif not is_whole(words):
            wrong = CUT
        else:
            return Quotation(as_markdown(words), text, start, end)
    return wrong


def _letters(text: str) -> tuple[str, list[int]]:
    """Return a text without white space and Markdown's signs, and where each of its characters stood."""
    kept = [(_plain(sign), at) for at, sign in enumerate(text) if sign not in SIGNS and not sign.isspace()]
    return "".join(sign for sign, _ in kept), [at for _, at in kept]


def _plain(sign: str) -> str:
    """Return a sign in the usual width and style: `（` is `(`."""
    if sign.isascii():
        return sign
    wide = unicodedata.decomposition(sign).startswith(("<wide>", "<narrow>"))
    return (unicodedata.normalize("NFKC", sign) if wide else sign).translate(ALIKE)


def _readings(quote: str) -> Iterator[str]:
    """Yield what a quotation may mean, itself first: Markdown, or with something around it, or with another capital."""
    inner = quote.strip(AROUND)
    linked = bare(quote) if "<" not in quote else ""  # a link as the passage has it; HTML is none of it
    yield from dict.fromkeys((quote, linked, inner, inner[:1].swapcase() + inner[1:], quote.translate(UNESCAPED)))


def _spans(text: str, quote: str) -> Iterator[tuple[int, int]]:
    """Yield where a quotation stands in a text."""
    letters, places = _letters(text)
    wanted, _ = _letters(quote)
    at = letters.find(wanted) if wanted else -1
    while at >= 0:
        yield places[at], places[at + len(wanted) - 1] + 1
        at = letters.find(wanted, at + 1)


def _spans_read(text: str, quote: str) -> Iterator[tuple[int, int]]:
    """Yield where the first reading of a quotation that is there stands in a text; one with dots, from end to end."""
    for reading in _readings(quote):
        found = list(_spans(text, reading))
        if found:
            yield from found
            return
    parts = [part for part in LEFT_OUT.split(quote.strip(AROUND)) if part.strip()]
    if len(parts) > 1:
        stretches = ((start, _end(text, end, parts[1:])) for start, end in _spans(text, parts[0]))
        whole = [(start, end) for start, end in stretches if end and not SENTENCE_ENDS.search(text, start, end)]
        yield from sorted(whole, key=lambda stretch: stretch[1] - stretch[0])[:1]


def _end(text: str, start: int, parts: list[str]) -> int:
    """Return where the last of some parts ends that stand in a text one behind the other; 0 if they do not."""
    for part in parts:
        found = next(((first, last) for first, last in _spans(text, part) if first >= start), None)
        if found is None:
            return 0
        start = found[1]
    return start


def _widened(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a stretch with the marks of the code and formulas that it holds whole, and of those that it is."""
    for match in WHOLE.finditer(text):
        first, last = match.span()
        inner = _letters(match[0])[1]
        if inner and start <= first + inner[0] and first + inner[-1] < end:
            start, end = min(start, first), max(end, last)
    return start, end


def _inside(text: str, start: int, end: int) -> str:
    """Return the code or formula of which a stretch is a part; empty if of none."""
    return next((match[0] for match in WHOLE.finditer(text) if match.start() < start and end < match.end()), "")


def _cuts_word(text: str, start: int, end: int) -> bool:
    before, behind = text[start - 1 : start], text[end : end + 1]
    opens = WORD.match(before) and WORD.match(text[start])
    closes = WORD.match(behind) and WORD.match(text[end - 1])
    hyphened = before in {"-", "–"} and WORD.match(text[start]) and WORD.match(text[max(start - 2, 0)])
    goes_on = behind in {"-", "–"} and WORD.match(text[end - 1]) and WORD.match(text[end + 1 : end + 2])
    owned = behind in {"'", "’"} and WORD.match(text[end - 1]) and WORD.match(text[end + 1 : end + 2])
    return bool(opens or closes or hyphened or goes_on or owned)


def _cuts_code(text: str, start: int, end: int) -> bool:
    """Whether a stretch of code cuts a name, a path or an option: `zero2` of `--deepspeed zero2.json`."""
    return bool(
        _cuts_word(text, start, end)
        or (WORD.match(text, start) and JOINED_BEFORE.search(text, max(start - 2, 0), start))
        or (WORD.match(text, end - 1) and JOINED_BEHIND.match(text, end))
    )


def _cuts_number(text: str, start: int, end: int) -> bool:
    """Whether a stretch begins or ends with a number of which a part is left outside, or leaves an *almost* there."""
    begins = NUMBER.match(text, start, end) and OF_NUMBER.search(text, 0, start)
    ends = text[end - 1].isdigit() and MORE_OF_NUMBER.match(text, end)
    return bool(begins or ends or HEDGED.search(text, 0, start))
