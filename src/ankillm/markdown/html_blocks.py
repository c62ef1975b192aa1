"""Blocks of raw HTML → Markdown: paragraphs, tables, lists, headings, pictures, code; of other tags the words stay."""

from html import unescape
from html.parser import HTMLParser

from msgspec import Struct, field

from ankillm.common.patterns import regex
from ankillm.markdown.blocks import Image
from ankillm.markdown.raw_html import MAX_HTML, STEER, is_known

MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "code": "`", "tt": "`", "del": "~~", "s": "~~", "strike": "~~"}
KEPT = frozenset({"sup", "sub", "kbd"})
APART = frozenset("p div center section article aside blockquote figure figcaption dl details summary".split())
HEADINGS = {f"h{level}": "#" * level for level in range(1, 7)}
UNSEEN = frozenset({"script", "style", "iframe", "svg", "video", "audio", "head", "title"})
SPACES = regex(r"[ \t]*\n[ \t]*")
GAPS = regex(r"\n{3,}")
EMPTY = regex(r"(\*\*|~~|(?<!\*)\*(?!\*)|(?<!`)`(?!``))\s*\1(?!`)")
PAIR = 2


class _Table(Struct):
    """A table that is being read: its rows, whether its first row is a head, and what was written before its cell."""

    rows: list[list[str]] = field(default_factory=lambda: [[]])
    headed: bool = False
    around: list[str] | None = None

    def end_cell(self, words: str) -> None:
        """Put the words of a cell into the last row."""
        self.rows[-1].append(" ".join(words.split()).replace("|", "\\|"))

    def written(self) -> str:
        """Return the table in Markdown; two columns without a head are names with what they are."""
        rows = [row for row in self.rows if any(row)]
        width = max(map(len, rows), default=0)
        bold = bool(rows) and all(cell.startswith("**") for cell in rows[0])
        if width == PAIR and not self.headed and not bold:
            return "\n".join("- " + ": ".join(row).replace("\\|", "|") for row in rows)
        if len(rows) == 1:
            rows.insert(0, [""] * width)
        lines = [f"| {' | '.join(row + [''] * (width - len(row)))} |" for row in rows]
        return "\n".join([*lines[:1], "|" + "---|" * width, *lines[1:]]) if rows else ""


class _Writer(HTMLParser):
    """Writes Markdown from the events of a parser."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.out: list[str] = []
        self.comments: list[str] = []
        self.unseen = 0
        self.pre = False
        self.links: list[tuple[str, int]] = []
        """The address of each link that is open, and where in what is written it begins."""
        self.lists: list[int] = []
        self.table: _Table | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if not is_known(tag):
            self.out.append(self.get_starttag_text() or "")
        elif tag in UNSEEN:
            self.unseen += 1
        elif tag == "img":
            self._image(said)
        elif tag == "br":
            self.out.append("<br>" if self.out and self.out[-1].strip(" ") and self.out[-1][-1:] != "\n" else "")
        elif tag == "a":
            self.links.append((said.get("href", ""), len(self.out)))
            self.out.append("[" if said.get("href") else "")
        elif not self._open_cell(tag):
            self.out.append(self._sign(tag, closes=False))

    def handle_endtag(self, tag: str) -> None:
        if not is_known(tag):
            self.out.append(f"</{tag}>")
        elif tag in UNSEEN:
            self.unseen = max(0, self.unseen - 1)
        elif tag == "a" and self.links:
            self._end_link(self.links.pop())
        elif not self._end_cell(tag):
            self.out.append(self._sign(tag, closes=True))

    def _end_link(self, link: tuple[str, int]) -> None:
        """Close a link; one around several lines, as around a card of a page, leaves what it holds."""
        href, start = link
        words = "".join(self.out[start + 1 :]) if start < len(self.out) and self.out[start] == "[" else ""
        if "\n" in words.strip():
            self.out[start] = "\n\n"
            self.out.append("\n\n")
        elif href:
            self.out.append(f"](<{href}>)")

    def _open_cell(self, tag: str) -> bool:
        """Take the tags that begin a table, a row and a cell."""
        if tag == "table":
            self.table = self.table or _Table()
        elif tag == "tr" and self.table:
            self._end_cell("td")
            self.table.rows.append([])
        elif tag in {"td", "th"} and self.table:
            self._end_cell("td")
            self.table.headed = self.table.headed or (tag == "th" and sum(map(len, self.table.rows)) == 0)
            self.table.around, self.out = self.out, []
        else:
            return tag in {"thead", "tbody", "tfoot"}
        return True

    def _end_cell(self, tag: str) -> bool:
        """Take the tags that end a cell, a row and a table."""
        if tag in {"td", "th", "tr", "table"} and self.table and self.table.around is not None:
            self.table.end_cell("".join(self.out))
            self.out, self.table.around = self.table.around, None
        if tag == "table" and self.table:
            self.out.append(f"\n\n{self.table.written()}\n\n")
            self.table = None
        return tag in {"td", "th", "tr", "table", "thead", "tbody", "tfoot"}

    def _sign(self, tag: str, *, closes: bool) -> str:
        """Return what a tag is in Markdown."""
        if tag == "pre":
            self.pre = not closes
            return "\n```\n\n" if closes else "\n\n```\n"
        if tag in MARKS:
            return "" if self.pre else MARKS[tag]
        if tag in KEPT:
            return f"<{'/' * closes}{tag}>"
        if tag in {"ul", "ol", "li"}:
            return self._list_sign(tag, closes=closes)
        if tag in {"dt", "dd"}:
            return ("**: " if closes else "\n- **") if tag == "dt" else ""
        apart = "\n\n" if tag in APART or tag in HEADINGS else ""
        return apart + ("" if closes or tag not in HEADINGS else f"{HEADINGS[tag]} ")

    def _list_sign(self, tag: str, *, closes: bool) -> str:
        if tag == "li":
            number = self.lists[-1] if self.lists else 0
            if not closes and number:
                self.lists[-1] += 1
            return "" if closes else f"\n{'   ' * (len(self.lists) - 1)}{f'{number}.' if number else '-'} "
        if closes and self.lists:
            self.lists.pop()
        elif not closes:
            self.lists.append(int(tag == "ol"))
        return "\n" if len(self.lists) > (not closes) else "\n\n"

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.out.append(data if self.pre else SPACES.sub("\n", data) if data.strip() else " " * (data != "\n"))

    def handle_entityref(self, name: str) -> None:
        self._entity(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._entity(f"&#{name};")

    def _entity(self, written: str) -> None:
        """Leave an entity to the parser; code has none, and shows what it stands for."""
        self.out.append("" if self.unseen else unescape(written) if self.pre else written)

    def handle_comment(self, data: str) -> None:
        if match := STEER.match(data):
            self.comments.append(match[1])

    def _image(self, said: dict[str, str]) -> None:
        src, width = said.get("src", "").strip(), said.get("width", "").removesuffix("px").strip()
        if src:
            alt = said.get("alt", "").strip() + (f"|{width}" if width.isdigit() else "")
            apart = "" if self.table or self.links or self.lists else "\n\n"
            self.out.append(f"{apart}{Image(src, alt, 0, 0).text}{apart}")

    def written(self) -> str:
        """Return what was read, tables that were left open too."""
        self._end_cell("table")
        return GAPS.sub("\n\n", EMPTY.sub("", "".join(self.out))).strip()


def html_markdown(html: str) -> tuple[str, list[str]]:
    """Return a block of raw HTML as Markdown, and the `anki:` comments in it."""
    writer = _Writer()
    writer.feed(html[:MAX_HTML])
    writer.close()
    return writer.written(), writer.comments
