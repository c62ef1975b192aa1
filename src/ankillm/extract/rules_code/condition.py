"""A comment that says when something is done: ask for the condition.

Before: `# 如果评估损失更好，保存最佳模型`. After: when is the best model saved?
"""

import re
from collections.abc import Sequence

from ankillm.common.patterns import regex
from ankillm.extract.code_lines import CodeLine, code_lines
from ankillm.extract.concepts import Concept, Condition, Place
from ankillm.extract.scope import Scope
from ankillm.markdown.blocks import CodeBlock

ZH = regex(
    r"^(?:如果|若|当)(?P<condition>[^，,。]{2,30}?)(?:时|的话)?[，,]\s*(?:则|就)?(?P<consequence>[^。，,]{2,30})$"
)
EN = regex(r"^(?:if|when)\s+(?P<condition>[^,.]{4,60}),\s*(?:then\s+)?(?P<consequence>[^,.]{4,60})$", re.IGNORECASE)


def stated(fence: CodeBlock, scope: Scope) -> list[Concept]:
    """Return a condition for each comment line of the form if-then."""
    found: list[Concept] = []
    above = ""
    lines = code_lines(fence)
    for at, line in enumerate(lines):
        match = _halves(line)
        if match and not (line.comment.isascii() and _goes_on(lines[at + 1 :])):
            place = Place((*scope.path, above) if above else scope.path, line.number, line.number)
            halves = match["condition"].strip(), match["consequence"].strip()
            found.append(Condition(place, scope.subject, *halves, asks_condition=True))
        elif not line.code and line.comment:
            above = line.comment
    return found


def _halves(line: CodeLine) -> re.Match[str] | None:
    return (ZH.match(line.comment) or EN.match(line.comment)) if line.comment and not line.code else None


def _goes_on(below: Sequence[CodeLine]) -> bool:
    """Whether the next line is a comment that states nothing of its own: the sentence may run on to it."""
    return bool(below and below[0].comment and not below[0].code and not _halves(below[0]))
