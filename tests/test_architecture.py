"""The layers that CONTRIBUTING describes are those that the code has."""

import ast
import re
from pathlib import Path

from checkout import ROOT

SOURCE = ROOT / "src"
ROW = re.compile(r"^\| [a-z ]+ \| ((?:`[\w.*]+` ?)+)\|$", re.MULTILINE)
TABLE = re.compile(r"^### The layers$(.*?)^###", re.DOTALL | re.MULTILINE)


def module_name(file: Path, root: Path) -> str:
    """Return a module's dotted name, a package's without `__init__`."""
    return ".".join(part for part in file.relative_to(root).with_suffix("").parts if part != "__init__")


def modules() -> dict[str, Path]:
    """Return the modules of ankillm, but the package itself, which holds the version."""
    named = {module_name(file, SOURCE): file for file in (SOURCE / "ankillm").rglob("*.py")}
    return {name: file for name, file in named.items() if name != "ankillm"}


def imported(file: Path) -> set[str]:
    """Return all names that a file imports, at its top or inside of a function; `a` and `a.b` for `from a import b`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def layers() -> dict[str, int]:
    """Return the row of every module, by the table in CONTRIBUTING."""
    table = TABLE.search((ROOT / "CONTRIBUTING.md").read_text("utf-8"))
    assert table
    rows: dict[str, int] = {}
    for number, row in enumerate(ROW.findall(table[1])):
        for word in re.findall(r"`([\w.*]+)`", row):
            package = f"ankillm.{word.removesuffix('.*')}"
            whole = word.endswith(".*")
            names = [name for name in modules() if name == package or (whole and name.startswith(f"{package}."))]
            assert names, f"{word} is in the table, and no file"
            for name in names:
                assert rows.setdefault(name, number) == number, f"{name} is in two rows"
    return rows


def test_every_file_has_a_row() -> None:
    assert set(modules()) == set(layers())


def test_a_file_imports_only_from_its_row_and_those_above() -> None:
    rows = layers()
    wrong = [
        f"{name} imports {other}, which is below it"
        for name, file in modules().items()
        for other in imported(file) & set(rows)
        if rows[other] > rows[name]
    ]
    assert not wrong


def test_a_demo_imports_only_evidence_of_ankillm() -> None:
    known = {*modules(), "ankillm"}
    for file in (ROOT / "reference_trainer").glob("*.py"):
        assert imported(file) & known <= {"ankillm.evidence.evidence"}, file.name


def test_nothing_of_the_deck_imports_the_trainer_or_torch() -> None:
    """The deck's side reads demos as text and starts them as processes; only a demo's own run has torch at hand."""
    heavy = {"torch", "transformers", "peft", "reference_trainer"}
    for name, file in modules().items():
        if name != "ankillm.evidence.run":
            tops = {found.split(".")[0] for found in imported(file)}
            assert not tops & heavy, name
