"""A formula in code: a quantity that is computed from others.

Before: `max_train_steps = pc.epochs * num_update_steps_per_epoch`. After: a cloze on the right-hand side.
"""

import ast

from ankillm.common.patterns import regex
from ankillm.extract.code_lines import code_lines, parsed, place_of
from ankillm.extract.concepts import CodeGap, Concept
from ankillm.extract.scope import Scope
from ankillm.markdown.blocks import CodeBlock

OPERATORS = (ast.Mult, ast.Div, ast.FloorDiv, ast.Pow, ast.MatMult)
ASSIGNED = regex(r"^(?P<target>[A-Za-z_][\w.]*)\s*=\s*(?P<value>[^=].*)$")
IDLE_NAMES = frozenset({"temp", "tmp", "res", "result", "ans", "ret", "out", "x", "y", "z", "i", "j", "n"})
LONGEST = 80
FUNCTIONS = frozenset(
    {"int", "float", "round", "len", "max", "min", "abs", "sum", "sqrt", "exp", "log", "log2", "ceil", "floor", "pow"}
)
"""Functions of numbers, by their names in Python or its `math`."""


def formulas(fence: CodeBlock, scope: Scope) -> list[Concept]:
    """Return a cloze for each assignment of a product, quotient or power of named quantities."""
    found: list[Concept] = []
    for line in code_lines(fence):
        match = ASSIGNED.match(line.code)
        if not match or line.owner or len(match["value"]) > LONGEST or not _is_formula(match["target"], match["value"]):
            continue
        place = place_of(line, scope)
        start = line.text.index(match["value"], len(match["target"]))
        end = start + len(match["value"])
        found.append(CodeGap(place, line.text, start, end, fence.language, match["target"], asked="formula"))
    return found


def tells_its_quantity(formula: CodeGap) -> bool:
    """Whether a line says what it computes, by a name of several words (`max_train_steps`) or by a comment.

    It has plain operators and functions of numbers alone: of lines that work on tensors readers keep next to none.
    """
    tree = parsed(formula.code[formula.start : formula.end])
    named = "_" in formula.name.removeprefix("self.").strip("_") or "#" in formula.code[formula.end :]
    return named and tree is not None and not any(map(_works_on_tensors, ast.walk(tree)))


def _works_on_tensors(node: ast.AST) -> bool:
    """Whether code indexes something, multiplies matrices or calls more than a function of numbers."""
    if not isinstance(node, ast.Call):
        return isinstance(node, ast.Subscript | ast.MatMult)
    owner = node.func.value if isinstance(node.func, ast.Attribute) else None
    of_math = owner is None or (isinstance(owner, ast.Name) and owner.id == "math")
    return not (of_math and isinstance(node.func, ast.Name | ast.Attribute) and _called(node.func) in FUNCTIONS)


def _called(function: ast.Name | ast.Attribute) -> str:
    return function.id if isinstance(function, ast.Name) else function.attr


def _is_formula(target: str, value: str) -> bool:
    if target in IDLE_NAMES or target[-1].isdigit():
        return False
    tree = parsed(value)
    if tree is None:
        return False
    top = tree.body[0].value if tree.body and isinstance(tree.body[0], ast.Expr) else None
    if isinstance(top, ast.Call) and isinstance(top.func, ast.Name | ast.Attribute) and _called(top.func)[:1].isupper():
        return False
    nodes = list(ast.walk(tree))
    names = {node.id for node in nodes if isinstance(node, ast.Name)} | {
        node.attr for node in nodes if isinstance(node, ast.Attribute)
    }
    text = any(isinstance(node, ast.Constant) and isinstance(node.value, str) for node in nodes)
    computed = any(isinstance(node, ast.BinOp) and isinstance(node.op, OPERATORS) for node in nodes)
    return computed and not text and len(names) > 1 and target not in names
