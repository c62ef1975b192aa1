"""The fingerprint of a demo's code: the same on every Python, blind to comments, not to what is computed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from checkout import ROOT

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
    script = "import sys, pathlib; from ankillm.evidence.fingerprint import fingerprint; print(fingerprint(pathlib.Path(sys.argv[1])))"
    demo = write(tmp_path)
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    answer = subprocess.run(
        [python, "-c", script, demo], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert answer.stdout.strip() == fingerprint(demo), f"{version} against {sys.version}"


DECLARED = """
from ankillm.evidence import fact
TERMS = ("a",)
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
