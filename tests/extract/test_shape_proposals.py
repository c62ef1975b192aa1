"""Where a note's shapes find their passages."""

import os
import subprocess
import sys

from checkout import ROOT

LONG = """
from ankillm.extract.passages import passages
from ankillm.extract.shape_proposals import ByLine
from ankillm.markdown.note import parse
words = ["ab", "cd", "ef", "gh", "ij", "kl", "mn", "op"]
items = "".join(f"    - {words[at // 20]} {at}\\n" for at in range(160))
note = parse(f"# Sizes\\n\\n- all\\n{items}", "n.md")
print(list(ByLine(list(passages(note))).between(3, 200, set(words))))
"""


def test_of_very_many_passages_every_process_compares_the_same() -> None:
    """Which of several words that are as rare comes first does not hang on the order of a set."""

    def compared(seed: str) -> bytes:
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT / "src")}
        return subprocess.run([sys.executable, "-c", LONG], env=env, check=True, capture_output=True).stdout

    first = compared("1")
    assert first.count(b",") == 9
    assert {compared("2"), compared("3"), compared("4")} == {first}
