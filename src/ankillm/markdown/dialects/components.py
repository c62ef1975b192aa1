"""MDX: lines that import and export, and components of a page, of which what they hold is left."""

from collections.abc import Iterator, Sequence

from ankillm.common.patterns import regex
from ankillm.markdown.dialects.lines import Line

SCRIPT = regex(r"(?:import\s.+\sfrom\s+['\"].*|import\s+['\"].*|export\s+(?:const|let|default|function|\{).*)$")
IMPORT = regex(r"import\s.+\sfrom\s+['\"][^'\"]+['\"];?\s*$")
"""A line that tells a page of MDX, whatever its file is called, if it has components too."""
COMPONENT = regex(r"[ \t]*(?:</?[A-Z][\w.]*(?:\s[^<>]*)?/?>[ \t]*)+$")
OPENS = regex(r"[ \t]*<[A-Z][\w.]*(?:[ \t][^<>]*)?$")
CLOSES = regex(r"[^<>]*/?>[ \t]*$")
MOST_LINES = 30
"""Lines of one tag."""
WITHIN = regex(
    r"<(?P<name>[A-Z][\w.]*)(?:\s+[:@\w.-]+=(?:\"[^\"<>]*\"|'[^'<>]*'|\{[^{}<>]*\}))+\s*>(?P<words>.{0,2000}?)</(?P=name)>"
)
"""A component around words of a line."""
REMARK = regex(r"\{/\*.*?\*/\}")


def is_page(lines: Sequence[Line]) -> bool:
    """Whether lines are those of a page of MDX: something is imported, and there is a component."""
    said = [line.text for line in lines if not line.code]
    tags = (COMPONENT.match, OPENS.match, WITHIN.search)
    return any(map(IMPORT.match, said)) and any(tag(text) for text in said for tag in tags)


def without_components(lines: Sequence[Line]) -> Iterator[Line]:
    """Blank out lines that are nothing but code of a page: `import …`, `<Tabs>`."""
    last = -1
    for at, line in enumerate(lines):
        if at > last and not line.code and OPENS.match(line.text):
            last = next(
                (to for to in range(at + 1, min(at + MOST_LINES, len(lines))) if CLOSES.match(lines[to].text)), last
            )
        if at <= last:
            yield line._replace(text="", code=False)
        elif line.code:
            yield line
        elif SCRIPT.match(line.text) or COMPONENT.match(line.text):
            yield line._replace(text="")
        else:
            yield line._replace(text=WITHIN.sub(r"\g<words>", REMARK.sub("", line.text)))
