"""`<details>` with its `<summary>`: a section of its own, or nothing by itself where the summary only says *Answer*."""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from ankillm.common.patterns import regex
from ankillm.markdown.dialects.lines import Line, prefix_of, toggle, toggle_end
from ankillm.markdown.dialects.signs import plain_signs

TAG = regex(r"<(?P<close>/?)(?P<name>details|summary)(?:\s[^<>]*)?>", re.IGNORECASE)
FORMAT = regex(r"</?(?:b|strong|h[1-6]|i|em|u|font|span|p|div|center)(?:\s[^<>]*)?>", re.IGNORECASE)
SAYS_ANSWER = regex(
    r"""^\W*(?:(?:click|tap|press|show|see|view|reveal|expand|open|toggle|read|点击|点我|点此|展开|查看|显示|单击|折叠|参考|点开)\W*
        (?:to|me|here|the|for|more|see|show|view|reveal|expand|查看|展开|显示|完整|全部|详细|\W)*)*
      (?:my\s+|sample\s+|suggested\s+|reference\s+|model\s+|full\s+|short\s+|参考|标准|我的)?
      (?:answers?|solutions?|details?|hints?|spoilers?|explanation|more|expand|code|答案|回答|解答|解析|详情|提示|更多|详解|参考答案|展开|内容|全文|题解)?
      \s*\d*\W*$""",
    re.IGNORECASE | re.VERBOSE,
)
"""What stands on a toggle that hides the answer of the question above it."""


CLICK = regex(
    r"^(?P<mark>(?:\*\*)?)(?:点击|单击|点此|点我|展开|click|tap|press)(?:这里|此处|查看|展开|显示|阅读|\s|to|here|see|view|show|reveal|expand|for|the|answer|答案|详情)*\s*[：:]\s*(?=\S)",
    re.IGNORECASE,
)


def without_click(title: str) -> str:
    """Return a toggle's title without the advice to click it."""
    return CLICK.sub(r"\g<mark>", title)


class _Open(Struct):
    """A `<details>` that is open: the line of its heading, if it has one, and what stood before its tag."""

    prefix: str
    heading: int = -1


class _Toggles(Struct):
    out: list[Line]
    stack: list[_Open]
    summary: list[str] | None = None
    raw: bool = False
    """Whether the last line was a tag's: what follows it directly stands there as HTML, whose indent says nothing."""

    def read(self, line: Line) -> None:
        """Write what a line holds, part by part."""
        at, prefix = 0, ""
        for match in TAG.finditer(line.text):
            prefix = prefix or prefix_of(line.text[: match.start()])
            self._words(line, line.text[at : match.start()], prefix)
            at = match.end()
            self._tag(match, line.number, prefix)
        self._words(line, line.text[at:], prefix)
        self.raw = True

    def _words(self, line: Line, words: str, prefix: str) -> None:
        if self.summary is not None:
            self.summary.append(words)
        elif words.strip(" \t>"):
            self.out.append(line._replace(text=words if words.startswith(prefix) else prefix + words.strip()))

    def _tag(self, match: re.Match[str], number: int, prefix: str) -> None:
        closes = bool(match["close"])
        if match["name"].lower() == "details" and not closes:
            self.stack.append(_Open(prefix))
            self.out.append(Line(prefix.rstrip(" \t") if ">" in prefix else "", number))
        elif match["name"].lower() == "details" and self.stack:
            if self.stack.pop().heading >= 0:
                self.out.append(toggle_end(number, prefix))
        elif not closes:
            self.summary = []
        elif self.summary is not None:
            title = " ".join(FORMAT.sub("", " ".join(self.summary)).split()).strip("# ")
            title = without_click(plain_signs(title))
            self.summary = None
            if self.stack and title and not SAYS_ANSWER.match(title):
                self.stack[-1].heading = len(self.out)
                self.out.append(toggle(title, number, prefix))

    def unread(self) -> list[Line]:
        """Return all lines; toggles that nothing closes are lines in bold."""
        for left in self.stack:
            if left.heading >= 0:
                line = self.out[left.heading]
                title = line.text.split("# ", 1)[1][1:]
                self.out[left.heading] = line._replace(text=f"{left.prefix}**{title}**")
        return self.out


def with_toggles(lines: Sequence[Line]) -> list[Line]:
    """Return lines with `<details>` as sections that open and close."""
    toggles = _Toggles([], [])
    for line in _split(lines, toggles):
        toggles.out.append(line)
    return toggles.unread()


def _split(lines: Sequence[Line], toggles: _Toggles) -> Iterator[Line]:
    for line in lines:
        if not line.code and (toggles.summary is not None or ("<" in line.text and TAG.search(line.text))):
            toggles.read(line)
        elif toggles.raw and toggles.stack and not line.code and not line.blank:
            yield line._replace(text=line.text.lstrip() if line.text.startswith(("    ", "\t")) else line.text)
        else:
            toggles.raw = False
            yield line
