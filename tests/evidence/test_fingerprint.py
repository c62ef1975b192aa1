"""The fingerprint of a demo's code: the same on every Python, blind to comments, not to what is computed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from checkout import ROOT

from ankillm.evidence import fingerprint as fingerprinting
from ankillm.evidence.fingerprint import fingerprint

CODE = '''
"""A demo."""
from reference_trainer.helper import helped

def run[T](device):
    """Say nothing."""
    x = {**{}, "a": 0, 'b': None, "c": False, "d": ""}
    return f"a{x!r:>{10}}" "b" u"c", lambda *, y=None: (y := 1), ..., 1e-8, b"z"
'''.replace("run[T]", "run")  # 3.11 has no type parameters; their empty field in 3.12 is what may not count


def write(folder: Path, demo: str = CODE, helper: str = "helped = 1\n") -> Path:
    (folder / "helper.py").write_text(helper, encoding="utf-8")
    (folder / "demo.py").write_text(demo, encoding="utf-8")
    return folder / "demo.py"


def test_comments_docstrings_and_layout_do_not_count(tmp_path: Path) -> None:
    before = fingerprint(write(tmp_path))
    changed = CODE.replace("Say nothing", "Say more").replace("x = ", "# why\n    x  =  ").replace("'b'", '"b"')
    assert changed != CODE
    assert fingerprint(write(tmp_path, changed)) == before


@pytest.mark.parametrize(
    ("old", "new"), [("0,", "1,"), ("None,", "False,"), (': ""', ": 0"), ("1e-8", "2e-8"), ("{10}", "9")]
)
def test_what_is_computed_counts(tmp_path: Path, old: str, new: str) -> None:
    before = fingerprint(write(tmp_path))
    assert fingerprint(write(tmp_path, CODE.replace(old, new, 1))) != before


@pytest.mark.parametrize(
    "line",
    [
        "from reference_trainer.helper import x",
        "from reference_trainer import helper",
        "import reference_trainer.helper",
    ],
)
def test_modules_that_are_imported_count(tmp_path: Path, line: str) -> None:
    before = fingerprint(write(tmp_path, line))
    assert fingerprint(write(tmp_path, line, "helped = 2\n")) != before


@pytest.mark.parametrize(
    "line",
    [
        "from reference_trainer.room.inner import x",
        "from reference_trainer.room import inner",
        "from reference_trainer import room",
        "import reference_trainer.room.inner",
    ],
)
def test_imports_are_followed_through_folders_as_deep_as_they_go(tmp_path: Path, line: str) -> None:
    deepest = tmp_path / "room" / "deeper" / "last.py"
    deepest.parent.mkdir(parents=True)
    (tmp_path / "room" / "inner.py").write_text("from reference_trainer.room.deeper.last import y", encoding="utf-8")
    (tmp_path / "room" / "__init__.py").write_text("import reference_trainer.room.inner", encoding="utf-8")
    deepest.write_text("y = 1", encoding="utf-8")
    before = fingerprint(write(tmp_path, line))
    deepest.write_text("y = 2", encoding="utf-8")
    assert fingerprint(write(tmp_path, line)) != before


def test_a_module_of_the_same_name_in_another_folder_is_another(tmp_path: Path) -> None:
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "helper.py").write_text("helped = 1\n", encoding="utf-8")
    here = fingerprint(write(tmp_path, "from reference_trainer.helper import x"))
    there = fingerprint(write(tmp_path, "from reference_trainer.room.helper import x", "helped = 2\n"))
    assert here != there
    (tmp_path / "room" / "helper.py").write_text("helped = 3\n", encoding="utf-8")
    assert fingerprint(tmp_path / "demo.py") != there


def test_modules_that_are_not_imported_do_not_count(tmp_path: Path) -> None:
    before = fingerprint(write(tmp_path, "import torch"))
    assert fingerprint(write(tmp_path, "import torch", "helped = 2\n")) == before


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_every_python_gives_the_same_hash(tmp_path: Path, version: str) -> None:
    python = next(Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}"), None) or shutil.which(
        f"python{version}"
    )
    if python is None:
        pytest.skip(f"there is no Python {version} here")
    # By its path: other Pythons need no library of the package for it.
    script = "import runpy, sys, pathlib; print(runpy.run_path(sys.argv[2])['fingerprint'](pathlib.Path(sys.argv[1])))"
    demo = write(tmp_path)
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    answer = subprocess.run(
        [python, "-c", script, demo, fingerprinting.__file__],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert answer.stdout.strip() == fingerprint(demo), f"{version} against {sys.version}"


DECLARED = """
from ankillm.evidence import fact
TERMS = ("a",)
OTHERS = ("a",)
MISREADINGS = ({"pattern": "a"},)
class Facts:
    share: float = fact(zh="甲", en="a", unit="%", terms=("a",), varies=True, tolerance=0.1, question_en="a")
"""


def test_the_words_of_a_fact_do_not_count(tmp_path: Path) -> None:
    before = fingerprint(write(tmp_path, DECLARED))
    reworded = DECLARED.replace('"a"', '"b"').replace("甲", "乙")
    assert fingerprint(write(tmp_path, reworded)) == before


@pytest.mark.parametrize(("old", "new"), [("share", "part"), ('"%"', '"×"'), ("0.1", "0.2"), ("float", "int")])
def test_what_is_declared_to_be_measured_counts(tmp_path: Path, old: str, new: str) -> None:
    before = fingerprint(write(tmp_path, DECLARED))
    assert fingerprint(write(tmp_path, DECLARED.replace(old, new, 1))) != before
