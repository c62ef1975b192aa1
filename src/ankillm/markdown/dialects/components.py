"""MDX: lines that import and export, and components of a page, of which what they hold is left."""

from collections.abc import Iterator, Sequence

from ankillm.common.patterns import regex
from ankillm.markdown.dialects.lines import Line

SCRIPT = regex(r"(?:import\s.+\sfrom\s+['\"].*|import\s+['\"].*|export\s+(?:const|let|default|function|\{).*)$")
COMPONENT = regex(r"[ \t]*(?:</?[A-Z][\w.]*(?:\s[^<>]*)?/?>[ \t]*)+$")
REMARK = regex(r"\{/\*.*?\*/\}")


def without_components(lines: Sequence[Line]) -> Iterator[Line]:
    """Blank out lines that are nothing but code of a page: `import …`, `<Tabs>`."""
    for line in lines:
        if line.code:
            yield line
        elif SCRIPT.match(line.text) or COMPONENT.match(line.text):
            yield line._replace(text="")
        else:
            yield line._replace(text=REMARK.sub("", line.text)) if "{/*" in line.text else line
