"""The fingerprint of a demo's code: what it computes, not how it is worded, commented or laid out."""

import ast
import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path

from ankillm import TRAINER

MEASURED = ("unit", "varies", "tolerance")
WORDS = ("TERMS", "OTHERS", "MISREADINGS")


def fingerprint(demo: Path) -> str:
    """Return a hash of a demo's syntax tree and of those of the package's modules that it imports, however deep.

    Docstrings, comments and layout are left out, and so are a fact's words: its labels, terms and questions, the
    further terms, what they are not, and the misreadings. A question put better is no reason to measure again.
    Every Python gives the same hash: `ast.dump` does not, as its text and the fields of a node differ between
    versions; a walk over the fields that skips empty ones is the same.
    """
    digest = hashlib.sha256()
    for name, path in sorted(_with_imports(demo).items()):
        digest.update(f"{name}\n{_summary(_read(path))[0]}\n".encode())
    return digest.hexdigest()


def parse(path: Path) -> ast.Module:
    """Parse a module of the trainer, which is UTF-8."""
    return _tree(_read(path))


def _with_imports(demo: Path) -> dict[str, Path]:
    """Return the files that a demo's run executes, by their names inside the package: `lora`, `support.models`."""
    found = {demo.stem: demo}
    waiting = [demo]
    while waiting:
        for name in _summary(_read(waiting.pop()))[1]:
            for module, path in _files(demo.parent, name):
                if module not in found:
                    found[module] = path
                    waiting.append(path)
    return found


def _files(package: Path, name: str) -> Iterator[tuple[str, Path]]:
    """Yield the module `a.b` and the packages around it, as far as they are there; a name in a module is none."""
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        module, place = ".".join(parts[:end]), package.joinpath(*parts[:end])
        for path in (place / "__init__.py", place.with_suffix(".py")):
            if path.is_file():
                yield module, path


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@functools.lru_cache(maxsize=256)
def _tree(code: str) -> ast.Module:
    return ast.parse(code)


@functools.lru_cache(maxsize=256)
def _summary(code: str) -> tuple[str, tuple[str, ...]]:
    """Return a module's tree as text, and what it imports of the package: done once, as demos share modules."""
    tree = _tree(code)
    return _text(tree), tuple(_imported(tree))


def _imported(tree: ast.Module) -> Iterator[str]:
    """Name what is imported of the package: `a` and `a.b` of `from reference_trainer.a import b`, and so on.

    Of an import by a name that starts with dots, Python alone knows what is meant: the trainer has none.
    """
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(module), level=0) if f"{module}.".startswith(f"{TRAINER}."):
                yield from (f"{module}.{alias.name}".removeprefix(f"{TRAINER}.") for alias in node.names)
            case ast.Import():
                names = [alias.name for alias in node.names if alias.name.startswith(f"{TRAINER}.")]
                yield from (name.removeprefix(f"{TRAINER}.") for name in names)


def _text(node: object) -> str:
    """Write a node as `Name(field=…)`, without empty fields (None, an empty list) and without docstrings.

    A constant has its type beside it, so that 0, '' and False are not taken for one another.
    """
    if not isinstance(node, ast.AST):
        return node if isinstance(node, str) else repr(node)
    fields = []
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, ast.AST):
            fields.append(f"{name}={_text(value)}")
        elif isinstance(value, list):
            kept = [_text(item) for item in value if not _is_left_out(node, item)]
            fields += [f"{name}=[{','.join(kept)}]"] if kept else []
        elif value is not None:
            fields.append(f"{name}={type(value).__name__}:{value!r}")
    return f"{type(node).__name__}({','.join(fields)})"


def _is_left_out(parent: ast.AST, item: object) -> bool:
    return _is_docstring(item) or _is_padding(parent, item) or _is_wording(parent, item)


def _is_docstring(node: object) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _is_padding(node: ast.AST, item: object) -> bool:
    """Whether an item is the empty text that Python 3.12 alone puts at the end of a format in an f-string."""
    return isinstance(node, ast.JoinedStr) and isinstance(item, ast.Constant) and item.value == ""


def _is_wording(parent: ast.AST, item: object) -> bool:
    """Whether an item is a word of `fact(…)`, or one of the lists of words that a demo declares."""
    match parent, item:
        case ast.Call(func=ast.Name(id="fact" | "detail")), ast.keyword(arg=str(name)):
            return name not in MEASURED
        case ast.Module(), ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name in WORDS
    return False
