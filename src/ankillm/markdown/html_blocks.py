"""Blocks of raw HTML → Markdown: paragraphs, tables, lists, headings, pictures, code; of other tags the words stay."""

from html.parser import HTMLParser

from ankillm.common.patterns import regex
from ankillm.markdown.blocks import Image
from ankillm.markdown.raw_html import MAX_HTML, STEER, is_known

MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "code": "`", "tt": "`", "del": "~~", "s": "~~", "strike": "~~"}
KEPT = frozenset({"sup", "sub", "kbd"})
APART = frozenset(
    "p div center section article aside blockquote figure figcaption ul ol dl table details summary".split()
)
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
UNSEEN = frozenset({"script", "style", "iframe", "svg", "video", "audio", "head", "title"})
SPACES = regex(r"[ \t]*\n[ \t]*")
GAPS = regex(r"\n{3,}")
EMPTY = regex(r"(\*\*|~~|(?<!\*)\*(?!\*)|`)\s*\1")


class _Writer(HTMLParser):
    """Writes Markdown from the events of a parser."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.out: list[str] = []
        self.comments: list[str] = []
        self.unseen = 0
        self.pre = False
        self.marks: list[str] = []
        self.links: list[str] = []
        self.lists: list[int] = []
        self.rows: list[list[str]] | None = None
        self.aside: list[list[str]] = []

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
            self.links.append(said.get("href", ""))
            self.out.append("[" if said.get("href") else "")
        elif tag == "pre":
            self.pre = True
            self.out.append("\n\n```\n")
        elif tag in MARKS and not self.pre:
            self.out.append(MARKS[tag])
        elif tag in KEPT:
            self.out.append(f"<{tag}>")
        else:
            self._open_block(tag)

    def _open_block(self, tag: str) -> None:
        if tag in {"td", "th"} and self.rows is not None:
            if not self.rows:
                self.rows.append([])
            self.aside.append(self.out)
            self.out = []
        elif tag == "tr" and self.rows is not None:
            self.rows.append([])
        elif tag == "table" and self.rows is None:
            self.rows = []
        elif tag in {"ul", "ol"}:
            self.lists.append(0 if tag == "ul" else 1)
            self.out.append("\n\n")
        elif tag == "li":
            number = self.lists[-1] if self.lists else 0
            indent = "   " * (len(self.lists) - 1)
            self.out.append(f"\n{indent}{f'{number}.' if number else '-'} ")
            if number:
                self.lists[-1] += 1
        elif tag in HEADINGS:
            self.out.append(f"\n\n{'#' * int(tag[1])} ")
        elif tag in APART:
            self.out.append("\n\n")
        elif tag == "dt":
            self.out.append("\n- **")

    def handle_endtag(self, tag: str) -> None:
        if not is_known(tag):
            self.out.append(f"</{tag}>")
        elif tag in UNSEEN:
            self.unseen = max(0, self.unseen - 1)
        elif tag == "a" and self.links:
            href = self.links.pop()
            self.out.append(f"](<{href}>)" if href else "")
        elif tag == "pre" and self.pre:
            self.pre = False
            self.out.append("\n```\n\n")
        elif tag in MARKS and not self.pre:
            self.out.append(MARKS[tag])
        elif tag in KEPT:
            self.out.append(f"</{tag}>")
        elif tag in {"td", "th"} and self.aside and self.rows:
            self.rows[-1].append(" ".join("".join(self.out).split()).replace("|", "\\|"))
            self.out = self.aside.pop()
        elif tag == "table" and self.rows is not None and not self.aside:
            self._table()
        elif tag in {"ul", "ol"} and self.lists:
            self.lists.pop()
            self.out.append("\n\n" if not self.lists else "\n")
        elif tag == "dt":
            self.out.append("**: ")
        elif tag in APART or tag in HEADINGS:
            self.out.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.out.append(data if self.pre else SPACES.sub("\n", data) if data.strip() else " " * (data != "\n"))

    def handle_entityref(self, name: str) -> None:
        self.out.append(f"&{name};" if not self.unseen else "")

    def handle_charref(self, name: str) -> None:
        self.out.append(f"&#{name};" if not self.unseen else "")

    def handle_comment(self, data: str) -> None:
        if match := STEER.match(data):
            self.comments.append(match[1])

    def _image(self, said: dict[str, str]) -> None:
        src, width = said.get("src", "").strip(), said.get("width", "").removesuffix("px").strip()
        if src:
            alt = said.get("alt", "").strip() + (f"|{width}" if width.isdigit() else "")
            apart = "" if self.aside or self.links or self.lists else "\n\n"
            self.out.append(f"{apart}{Image(src, alt, 0, 0).text}{apart}")

    def _table(self) -> None:
        rows = [row for row in self.rows or [] if any(row)]
        self.rows = None
        if not rows:
            return
        width = max(map(len, rows))
        if len(rows) == 1:  # a lone row has no head
            rows.insert(0, [""] * width)
        lines = [f"| {' | '.join(row + [''] * (width - len(row)))} |" for row in rows]
        self.out.append("\n\n" + "\n".join([lines[0], "|" + "---|" * width, *lines[1:]]) + "\n\n")

    def written(self) -> str:
        """Return what was read, cells that were left open too."""
        while self.aside:
            self.handle_endtag("td")
        if self.rows is not None:
            self._table()
        return GAPS.sub("\n\n", EMPTY.sub("", "".join(self.out))).strip()


def html_markdown(html: str) -> tuple[str, list[str]]:
    """Return a block of raw HTML as Markdown, and the `anki:` comments in it."""
    writer = _Writer()
    writer.feed(html[:MAX_HTML])
    writer.close()
    return writer.written(), writer.comments
