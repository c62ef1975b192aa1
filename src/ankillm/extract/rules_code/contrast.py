"""The same setting with two values side by side: recall the value that is written out.

Before: two groups of parameters, `'weight_decay': pc.weight_decay` in one and `'weight_decay': 0.0` in the other.
After: a cloze on `0.0`, with the group that it belongs to.
"""

import ast
import textwrap
from collections import defaultdict
from collections.abc import Iterator

from ankillm.extract.code_lines import parsed
from ankillm.extract.concepts import CodeGap, Concept, Place
from ankillm.extract.scope import Scope
from ankillm.markdown.blocks import CodeBlock

LONGEST = 400


def _written(value: ast.expr) -> str:
    """Return what tells a value from another: its tree, or its place where a number in it is too long to be written."""
    try:
        return ast.dump(value)
    except ValueError:
        return f"{value.lineno}:{value.col_offset}"


def contrasted(fence: CodeBlock, scope: Scope) -> list[Concept]:
    """Return a cloze for each number or truth value whose key has another value in a sibling."""
    code = textwrap.dedent(fence.code)
    tree, lines = parsed(code), code.split("\n")
    if tree is None:
        return []
    found: list[Concept] = []
    for siblings in _siblings(tree):
        values: dict[str, list[tuple[ast.Dict, ast.expr]]] = defaultdict(list)
        for group in siblings:
            for key, value in zip(group.keys, group.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    values[key.value].append((group, value))
        for name, pairs in values.items():
            if len({_written(value) for _, value in pairs}) > 1:
                found += [
                    gap for group, value in pairs if (gap := _gap(lines, group, name, value, fence, scope)) is not None
                ]
    return found


def _siblings(tree: ast.AST) -> Iterator[list[ast.Dict]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.List | ast.Tuple):
            groups = [element for element in node.elts if isinstance(element, ast.Dict)]
            if len(groups) > 1:
                yield groups


def _gap(  # noqa: PLR0913, PLR0917  (one call, one place)
    code: list[str], group: ast.Dict, key: str, value: ast.expr, fence: CodeBlock, scope: Scope
) -> CodeGap | None:
    literal = isinstance(value, ast.Constant) and isinstance(value.value, int | float | bool)
    if not literal or group.end_lineno is None:
        return None
    lines = code[group.lineno - 1 : group.end_lineno]
    snippet = textwrap.dedent("\n".join(lines))
    margin = len(lines[0]) - len(snippet.split("\n")[0])
    before = sum(len(line) + 1 for line in snippet.split("\n")[: value.lineno - group.lineno])
    own = code[value.lineno - 1].encode()
    start = before + len(own[: value.col_offset].decode()) - margin
    written = own[value.col_offset : value.end_col_offset].decode()
    if len(snippet) > LONGEST or snippet[start : start + len(written)] != written:
        return None
    line = fence.first + value.lineno - 1
    place = Place(scope.path, line, line)
    return CodeGap(
        place, snippet.rstrip(","), start, start + len(written), fence.language, f"{key}={written}", asked="value"
    )
