"""Regular expressions are compiled when first used; here all of them are."""

import json
import os
import re
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest
from note_cards import rendered_cards

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


MUCH = 60_000
LIMIT = 0.3
"""Seconds of the processor for a note of `MUCH` bytes of one thing."""
ENDLESS = (
    *'*[<_`$(字a1-=：|\\!&~#?"“（《🦙\u3000\xa0',
    *"![;<b>;a_b ;{{c1::;%%;**a** ;[a](b) ;x=1 ;如果;与; #a".split(";"),
)
MANY = ("para", "cell", "fence", "title", "item", "comment")
PLACES = dict(
    zip(
        MANY,
        (
            "# T\n\n## LoRA\n\n{}\n",
            "# T\n\n| a | b |\n|---|---|\n| x | {} |\n",
            "# T\n\n```json\n{}\n```\n",
            "# T\n\n## {}\n\na b\n",
            "# T\n\n- {}\n",
            "# T\n\n```python\nx = 1  # {}\n```\n",
        ),
        strict=True,
    )
)


@pytest.mark.parametrize("place", PLACES)
def test_no_end_of_one_thing_takes_long(place: str) -> None:
    """A paragraph, a cell, a fence, a title: the best of two runs, as others may use the processor's cache.

    The second is over another text, or what was kept of the first would answer.
    """
    slow = {}
    for unit in ENDLESS:
        text = unit * MUCH
        first, second = (PLACES[place].format(text[: most // len(unit[0].encode())]) for most in (MUCH, MUCH - 60))
        seconds = _seconds(first)
        if seconds > LIMIT and (again := min(seconds, _seconds(second))) > LIMIT:
            slow[unit] = again
    assert not slow


def test_a_json_of_many_lines_takes_no_longer() -> None:
    rows = "\n".join(f'  {{"instruction": "为什么 {at}？", "output": "因为 {at}。"}},' for at in range(1_000))
    assert min(_seconds(f"# {title}\n\n```json\n[\n{rows}\n]\n```\n") for title in "TU") < LIMIT


def test_an_answer_of_many_blocks_takes_no_longer() -> None:
    assert min(_seconds(f"# {title}\n\n## Why {title}?\n\na\n\n" + "---\n\n" * 5_000) for title in "TU") < LIMIT


def _seconds(text: str) -> float:
    start = time.thread_time()
    rendered_cards(text)
    return time.thread_time() - start
