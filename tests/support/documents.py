"""Documents whose output is made, not typed.

A fence marked `console` holds commands, each after `$ `, and what they print: both streams, as a reader with a
terminal of 80 columns and no colour sees them. A fence after `<!-- file: PATH -->` holds that file. What stands between
`<!-- rows: … -->` or `<!-- demos: … -->` and `<!-- end -->` is made by `blocks.py`. Everything runs in a copy of the
checkout's notes, decks and examples, so that nothing here is touched.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from blocks import MAKERS
from checkout import ROOT

COPIED = ("docs/examples", "docs/pictures", "notes", "deck", "benchmarks")
FENCE = re.compile(r"^(?P<open>(?P<ticks>`{3,})console\n)(?P<body>.*?)^(?P=ticks)$", re.DOTALL | re.MULTILINE)
FILE = re.compile(
    r"^(?P<open><!-- file: (?P<path>\S+) -->\n(?P<ticks>`{3,})\w*\n)(?P<body>.*?)^(?P=ticks)$", re.DOTALL | re.MULTILINE
)
BLOCK = re.compile(
    r"^(?P<open><!-- (?P<kind>rows|demos): (?P<what>.+) -->\n)(?:.*?\n)??(?P<close><!-- end -->)$",
    re.DOTALL | re.MULTILINE,
)
COMMAND = re.compile(r"^\$ (.+)$", re.MULTILINE)
SETTINGS = {
    "COLUMNS": "80",
    "NO_COLOR": "1",
    "LC_ALL": "C.UTF-8",
    "SOURCE_DATE_EPOCH": "1767225600",
    "HF_HUB_OFFLINE": "1",
    "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
}


def playground(folder: Path) -> Path:
    """Copy what commands of documents read, and put an `ankillm` of this checkout beside it; returns the copy."""
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / "copy" / name, ignore=shutil.ignore_patterns("*.apkg", "*.ledger.jsonl"))
    for file in ROOT.glob("*.md"):
        shutil.copy(file, folder / "copy")
    launcher = folder / "bin" / "ankillm"
    launcher.parent.mkdir()
    launcher.write_text(f'#!/bin/sh\nexec {sys.executable} -m ankillm "$@"\n', "utf-8")
    launcher.chmod(0o755)
    return folder / "copy"


def printed(command: str, folder: Path) -> str:
    """Return what a command prints, without spaces at the ends of lines."""
    path = f"{folder.parent / 'bin'}:{os.environ['PATH']}"
    run = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=os.environ | SETTINGS | {"PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return "".join(f"{line.rstrip()}\n" for line in run.stdout.splitlines())


def renewed(text: str, folder: Path) -> str:
    """Return a document with every file and every output as it is now."""

    def of_file(match: re.Match[str]) -> str:
        return match["open"] + (ROOT / match["path"]).read_text("utf-8") + match["ticks"]

    def of_commands(match: re.Match[str]) -> str:
        said = (f"$ {command}\n{printed(command, folder)}" for command in COMMAND.findall(match["body"]))
        return match["open"] + "\n".join(said) + match["ticks"]

    def of_data(match: re.Match[str]) -> str:
        return f"{match['open']}\n{MAKERS[match['kind']](match['what'])}\n\n{match['close']}"

    return FENCE.sub(of_commands, FILE.sub(of_file, BLOCK.sub(of_data, text)))
