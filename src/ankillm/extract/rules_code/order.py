"""Calls that follow each other and whose order matters: recall each from those around it.

Before: `optimizer.zero_grad()`, `loss.backward()`, `optimizer.step()`, `lr_scheduler.step()`.
After: a cloze a call, from the second on.
"""

from ankillm.common.patterns import regex
from ankillm.extract.code_lines import CodeLine, code_lines, place_of
from ankillm.extract.concepts import CodeGap, Concept
from ankillm.extract.scope import Scope
from ankillm.markdown.blocks import CodeBlock

BARE_CALL = regex(r"^(?:[A-Za-z_]\w*\.)+[A-Za-z_]\w*\([^()]{0,24}\)$")
FEWEST, MOST = 3, 7


def ordered_calls(fence: CodeBlock, scope: Scope) -> list[Concept]:
    """Return clozes for each run of at least three statements that are nothing but a call on an object."""
    found: list[Concept] = []
    for run in _runs(fence):
        code = "\n".join(line.code for line in run)
        start = 0
        for line in run:
            if start:
                place = place_of(line, scope)
                end = start + len(line.code)
                found.append(CodeGap(place, code, start, end, fence.language, line.code, asked="order"))
            start += len(line.code) + 1
    return found


def _runs(fence: CodeBlock) -> list[list[CodeLine]]:
    runs: list[list[CodeLine]] = [[]]
    for line in code_lines(fence):
        joins = runs[-1] and runs[-1][-1].indent == line.indent and runs[-1][-1].number == line.number - 1
        called = bool(BARE_CALL.match(line.code)) and not line.comment
        if called and joins:
            runs[-1].append(line)
        else:
            runs.append([line] if called else [])
    return [
        run
        for run in runs
        if FEWEST <= len(run) <= MOST and len({line.code for line in run}) == len(run) and len(_methods(run)) > 1
    ]


def _methods(run: list[CodeLine]) -> set[str]:
    """Return what is called in a run; lines that all append have no order to recall."""
    return {line.code.partition("(")[0].rpartition(".")[2] for line in run}
