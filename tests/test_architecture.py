"""The house that CONTRIBUTING describes is the one that the code lives in: its rooms, and what may import what."""

import ast
import re
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from checkout import ROOT

SOURCE = ROOT / "src"
TABLE = re.compile(r"^## The rooms$(.*?)^## ", re.DOTALL | re.MULTILINE)
ROW = re.compile(r"^\| (\d+) \| `(\w+)/` \|", re.MULTILINE)
MOST_FLOORS = 8
HEAVY = frozenset({"torch", "transformers", "peft", "reference_trainer"})
DEMO_PROCESS = "ankillm.evidence.run"
"""What runs in a demo's own process, and therefore prints, and has torch at hand."""


def module_name(file: Path, root: Path) -> str:
    """Return a module's dotted name, a package's without `__init__`."""
    return ".".join(part for part in file.relative_to(root).with_suffix("").parts if part != "__init__")


MODULES = {module_name(file, SOURCE): file for file in sorted((SOURCE / "ankillm").rglob("*.py"))}


def room(name: str) -> str:
    """Return the room of a module; empty for the package itself and the door, `__main__`."""
    first, _, rest = name.removeprefix("ankillm").strip(".").partition(".")
    return first if rest or MODULES[name].name == "__init__.py" else ""


def imported(file: Path) -> set[str]:
    """Return the names that a file imports, at its top or inside of a function; a module's own where one is meant."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file} has a relative import, which this test does not follow"
            whole = [f"{node.module}.{alias.name}" for alias in node.names]
            found |= {name if name in MODULES else str(node.module) for name in whole}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


ARROWS: Mapping[str, set[str]] = {name: imported(file) & set(MODULES) - {name} for name, file in MODULES.items()}


def rooms() -> dict[str, int]:
    """Return the number of every room, by the table in CONTRIBUTING."""
    table = TABLE.search((ROOT / "CONTRIBUTING.md").read_text("utf-8"))
    assert table
    return {name: int(number) for number, name in ROW.findall(table[1])}


def test_the_table_names_the_rooms_that_there_are() -> None:
    assert set(rooms()) == {room(name) for name in MODULES} - {""}
    assert len(set(rooms().values())) <= MOST_FLOORS


@pytest.mark.parametrize("name", [name for name in MODULES if room(name)])
def test_a_file_imports_from_its_room_and_from_lower_ones(name: str) -> None:
    """Rooms of the same number do not know each other."""
    numbers, own = rooms(), room(name)
    others = {other for other in ARROWS[name] if room(other) not in {"", own}}
    assert not {other for other in others if numbers[room(other)] >= numbers[own]}


def test_there_are_no_circles() -> None:
    """Imports inside of functions count: they only hide a circle."""
    try:
        TopologicalSorter(ARROWS).prepare()
    except CycleError as error:
        pytest.fail(f"a circle: {' → '.join(error.args[1])}")


def test_a_name_that_is_imported_is_not_reached_through_another_rooms_face() -> None:
    """The package itself holds no more than its version and the trainer's name."""
    assert not ARROWS["ankillm"]


@pytest.mark.parametrize("name", [name for name in MODULES if room(name) != "cli" and name != DEMO_PROCESS])
def test_only_the_command_line_prints(name: str) -> None:
    """No `print`, no standard stream, and none of the libraries that write to a terminal."""
    tree = ast.parse(MODULES[name].read_text("utf-8"))
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    streams = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "sys"
    }
    libraries = {found.split(".")[0] for found in imported(MODULES[name])}
    assert "print" not in called
    assert not streams & {"stdout", "stderr"}
    assert not libraries & {"click", "rich"}


@pytest.mark.parametrize("name", [name for name in MODULES if name != DEMO_PROCESS])
def test_nothing_but_a_demos_own_process_imports_torch(name: str) -> None:
    """The deck's side reads demos as text and starts them as processes."""
    assert not {found.split(".")[0] for found in imported(MODULES[name])} & HEAVY


def test_a_demo_imports_only_the_face_of_evidence() -> None:
    for file in sorted((ROOT / "reference_trainer").rglob("*.py")):
        own = {name for name in imported(file) if name.split(".")[0] == "ankillm"}
        assert own <= {"ankillm.evidence"}, file.name
