"""Regular expressions are compiled when first used; here all of them are."""

import json
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

import ankillm
from ankillm.common.patterns import METHODS, _Pattern, regex

MODULES = [found.name for found in walk_packages(ankillm.__path__, "ankillm.") if found.name != "ankillm.__main__"]


def test_it_behaves_as_the_compiled_one() -> None:
    found, compiled = regex(r"(?P<word>b+)", re.IGNORECASE), re.compile(r"(?P<word>b+)", re.IGNORECASE)
    assert found.sub("x", "aBb") == compiled.sub("x", "aBb")
    assert found.pattern == compiled.pattern
    assert found.groups == compiled.groups
    assert all(callable(getattr(found, method)) for method in METHODS)


def test_a_pattern_in_disorder_is_told_of_when_it_is_used() -> None:
    with pytest.raises(re.error):
        regex("(").match("")


@pytest.mark.parametrize("name", MODULES)
def test_every_pattern_compiles(name: str) -> None:
    for value in vars(import_module(name)).values():
        if isinstance(value, _Pattern):
            assert value.groups >= 0


@pytest.mark.parametrize("name", MODULES)
def test_none_is_compiled_when_a_module_is_imported(name: str) -> None:
    assert not [found for found, value in vars(import_module(name)).items() if isinstance(value, re.Pattern)]


UNITS = (
    *"*`$_(（→的是，!?：<\\ \t\u3000常",
    *"x = 1, |**|a：b；|a: b; |[a](|、a|a -> |- |1. |= |A is |a=1、|: |because |因为|{{c1::|}}|www.|LoRA：一种 ".split(
        "|"
    ),
)
SHAPES = (
    "## 为什么 LoRA？\n\na{unit}b\n",
    "- {unit}\n- b\n",
    "{unit}：{unit}\n",
    "LoRA{unit}是一种方法\n",
    "如果{unit}，取 1\n",
    "```python\nx = f({unit})  # 说明{unit}说明\n```\n",
    "- 特点：\n  - {unit}\n",
    "**{unit}**：说明\n",
    "{unit} 等等\n",
    "Q: {unit}?\nA: {unit}\n",
)
SCRIPT = """
import json, sys
from note_cards import rendered_cards
for text in json.load(sys.stdin):
    rendered_cards(text)
"""


def test_no_line_takes_more_than_its_length(tmp_path: Path) -> None:
    """What repeats without end is read in time that grows with it, not by its powers: a guard against hanging."""
    texts = [f"# T\n\n## LoRA\n\n{shape.format(unit=unit * 1_000)}" for shape in SHAPES for unit in UNITS]
    texts += [
        f"```python\nx = [{{'a': {value}}}, {{'a': 2}}]\n```\n" for value in ("1" + "+1" * 500, "0x" + "f" * 5_000)
    ]
    command = [sys.executable, "-c", SCRIPT]
    given = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run(command, input=json.dumps(texts), text=True, check=True, timeout=240, cwd=tmp_path, env=given)
