"""The demos as their sources declare them: literals only, read without importing anything."""

import ast
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from ankillm import TRAINER
from ankillm.common.diagnostics import Diagnostic, Refusal
from ankillm.evidence.demo import Demo, FactSpec, Misreading
from ankillm.evidence.fingerprint import fingerprint, parse
from ankillm.evidence.misreadings import compiled, needed


def demos(folder: Path) -> tuple[Demo, ...]:
    """List the demos of a folder by name: its modules that declare facts. Raises Refusal where one is not in order."""
    found = (_demo(path) for path in sorted(folder.glob("*.py")))
    return tuple(demo for demo in found if demo is not None)


def _demo(path: Path) -> Demo | None:
    tree = parse(path)
    facts = tuple(_facts(tree, path))
    if not facts:
        return None
    _unique([fact.name for fact in facts], path)
    misreadings = tuple(_misreading(entry) for entry in _constant(tree, "MISREADINGS", path))
    _check(misreadings, facts, path)
    patterns = ["|".join(filter(None, (one.pattern, one.code))) for one in misreadings]
    misreadings = tuple(replace(one, needed=needed(each)) for one, each in zip(misreadings, patterns, strict=True))
    return Demo(
        name=path.stem,
        path=f"{TRAINER}/{path.name}",
        explains=ast.get_docstring(tree) or "",
        terms=tuple(_constant(tree, "TERMS", path)),
        facts=facts,
        misreadings=misreadings,
        source=fingerprint(path),
        takes_model=_takes(tree, "model"),
        others=tuple(_constant(tree, "OTHERS", path)),
    )


def _misreading(entry: Mapping[str, Any]) -> Misreading:
    """Return a misreading as its demo declares it, with one wording or a tuple of them."""
    pattern = entry["pattern"]
    return Misreading(**{**entry, "pattern": pattern if isinstance(pattern, str) else "|".join(pattern)})


def _facts(tree: ast.Module, path: Path) -> Iterator[FactSpec]:
    """Yield the fields of the module's dataclasses that are declared with `fact(…)`."""
    fields = [field for node in tree.body if isinstance(node, ast.ClassDef) for field in node.body]
    targets = (field.target for field in fields if isinstance(field, ast.AnnAssign))
    names = {target.id for target in targets if isinstance(target, ast.Name)}
    measured = _measured_at(tree, names)
    for field in fields:
        match field:
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Call(func=ast.Name(id="fact"), keywords=keywords)):
                words = {str(item.arg): _literal(item.value, path) for item in keywords}
                yield FactSpec(name, **words, line=measured.get(name, field.lineno))


def _measured_at(tree: ast.Module, names: Collection[str]) -> dict[str, int]:
    """Return for each fact the line that its value comes from: if that is a variable, the one that it is set in.

    A demo gives its facts to its dataclass by name, `Lora(scaling=…)`: the call with most of these names. Of those that
    it gives by `**` only the line of the call is known.
    """
    calls = [
        (function, node)
        for function in tree.body
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
    ]
    if not calls:
        return {}
    function, call = max(calls, key=lambda pair: sum(item.arg in names for item in pair[1].keywords))
    assigned = {
        target.id: node.lineno
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        for item in node.targets
        for target in ast.walk(item)
        if isinstance(target, ast.Name)
    }
    found = dict.fromkeys(names, call.lineno) if any(item.arg is None for item in call.keywords) else {}
    for item in call.keywords:
        line = assigned.get(item.value.id) if isinstance(item.value, ast.Name) else None
        if item.arg and item.arg in names:
            found[item.arg] = line or item.value.lineno
    return found


def _takes(tree: ast.Module, option: str) -> bool:
    """Whether the module's `run` has a parameter of that name."""
    runs = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "run")
    return any(item.arg == option for run in runs for item in (*run.args.args, *run.args.kwonlyargs))


def _constant(tree: ast.Module, name: str, path: Path) -> Sequence[Any]:
    """Return what a module-level name is set to, a tuple of literals; empty if it is not set."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value) if target == name:
                return tuple(_literal(value, path))
            case ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value) if target == name:
                return tuple(_literal(value, path))
    return ()


def _literal(node: ast.expr, path: Path) -> Any:  # noqa: ANN401  (a literal of any type)
    try:
        return ast.literal_eval(node)
    except ValueError:
        raise _fault(path, node.lineno, "is read without being run: only literals can stand here") from None


def _unique(names: Sequence[str], path: Path) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            raise _fault(path, 0, f"the fact {name} is declared {count} times: give each a name of its own")


def _check(misreadings: Iterable[Misreading], facts: Iterable[FactSpec], path: Path) -> None:
    names = {fact.name for fact in facts}
    for misreading in misreadings:
        if misreading.fact not in names:
            raise _fault(path, 0, f"a misreading is about the fact {misreading.fact}, which there is not")
        for pattern in (misreading.pattern, misreading.code, misreading.unless):
            try:
                compiled(pattern)
            except ValueError as error:
                raise _fault(path, 0, f"the misreading of {misreading.fact} has a bad pattern: {error}") from None


def _fault(path: Path, line: int, text: str) -> Refusal:
    return Refusal(str(Diagnostic(str(path), line, text)))
