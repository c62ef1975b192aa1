"""Fuzz the whole path: bytes of notes → `ankillm build` → the collection of a real Anki.

    python tests/support/fuzz.py --seconds 60 [--seed N]

Every other round writes a folder of notes put together from ordinary and hostile pieces, builds it, changes some of
them, builds again, and imports both packages one after the other. A round that fails prints its seed, with which it
runs again, and the smallest set of notes of it that still fails.

Of the rounds between, one of four damages a model, data or a run: its `config.json`, tokenizer, weights, examples,
settings, checkpoint. The others damage a project that was built: settings, ledger, package, evidence, cache or notes.
Files are cut, flipped, doubled, or replaced by something that is no file; each command then runs in a process of its
own, within limits of time and memory, and has to end in one line or in a deck.
"""

import argparse
import itertools
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from damage import damage
from deckwork import bring, collection, is_sound, rows
from fuzz_training import training_round
from hostile_table import EVIL, faults, limited, run, scripts

from ankillm.common.project import resource

EDITS = Path(__file__).parent / "edits"
PIECES = (
    *(line + "\n" for path in sorted(EDITS.glob("*.md")) for line in path.read_text(encoding="utf-8").split("\n")),
    "```python\nmodel.run({{x}}, a=1)  # 启动 {{c1::模型}} }}\n```\n",
    "```cpp\nstd::vector<int> v{{1, 2}};  // 数组 ::\n",
    "```\n",
    "    x = f(1)  # 缩进\n",
    "| 方法 | 显存 | 说明 |\n|---|--:|---|\n| 甲 | 8 GB | `a|b` |\n| 乙 | | <br> |\n",
    "{{c1::隐藏}} 与 {{c2::`{{}}`::提示}}\n",
    "{{c1::**粗}}体** 与 [链{{c2::接](https://e.org)}}\n",
    "{{c1::$x^{2^{2}}$}}，$a<b}}$，$$\\frac{1}{2}$$\n",
    "$$\n\\sum_{i} {{c1::x_i}}\n$$\n",
    "<!-- anki: skip -->\n",
    "<!-- anki: id=甲 tags=a,b::c deck=A::B -->\n",
    "<!-- anki: id=\"x' tags= -->\n",
    "---\ntitle: 题\ndeck: ::\n---\n",
    '[a][b] ![图][c] ![图](p.png) ![图](../p.png) [错](demo:lora#rank "= 8") [参][lora]\n',
    '[lora]: demo:lora#scaling "= 4 ✗"\n',
    "[b]: javascript:x\n[c]: <p q.png> 'x'\n",
    "> 引 > 用\n> - **甲**：乙\n",
    "1. 首先：做一\n2. 然后：做二\n3. 最后：做三\n",
    "**伪标题**\n",
    "如果 a 大于 b，则设为 `True`；否则设为 [sound:x.mp3] [latex]x[/latex]。\n",
    "What is {{this}}? It's a <b>test</b> & more &amp; &#x1f; &#0; &#xd800;\n",
    EVIL + "\n",
    "\x00\x1f\x07\u2028\u0085\ufdd0\ufdd1\ufffe\u202e",
    "#" * 7 + " 七级\n",
    "- " * 30 + "深\n",
    "===\n",
    "\t",
    "\\",
    "🦙é\u0301",
)


def piece(source: random.Random) -> str:
    """Return a piece of a note, whole or cut."""
    text = source.choice(PIECES)
    return text if source.random() < 0.8 else text[source.randrange(len(text)) :][: source.randrange(1, 40)]


def content(source: random.Random) -> bytes:
    """Return the bytes of a note."""
    text = "".join(piece(source) for _ in range(source.randrange(1, 40)))
    data = bytearray(text.encode("utf-8", "surrogatepass"))
    if source.random() < 0.1:
        for _ in range(source.randrange(1, 4)):
            data[source.randrange(len(data))] = source.randrange(256)
    return bytes(data)


def changed(data: bytes, source: random.Random) -> bytes:
    """Return a note after an edit: lines removed, swapped, doubled or put in."""
    lines = data.split(b"\n")
    for _ in range(source.randrange(1, 5)):
        at, other = source.randrange(len(lines)), source.randrange(len(lines))
        match source.randrange(4):
            case 0:
                lines[at] = b""
            case 1:
                lines[at], lines[other] = lines[other], lines[at]
            case 2:
                lines.insert(at, lines[other])
            case _:
                lines.insert(at, piece(source).encode("utf-8", "surrogatepass"))
    return b"\n".join(lines)


def attempt(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[str]:
    """Return what does not hold when these notes are built, changed and built again."""
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as temporary, collection() as anki:
        folder = Path(temporary)
        for notes in (before, after):
            shutil.rmtree(folder / "notes", ignore_errors=True)
            (folder / "notes").mkdir()
            for name, data in notes.items():
                (folder / "notes" / name).write_bytes(data)
            for more in ((), ("--no-cache",)):
                old = (folder / "out.apkg").read_bytes() if (folder / "out.apkg").exists() else b""
                try:
                    code, said = run(folder, "build", "notes", "-o", "out.apkg", *more)
                except Exception as error:  # noqa: BLE001  (whatever it is, the reader would see a traceback)
                    return [f"{type(error).__name__}: {error}"]
                wrong += [f"exit code {code}: {said}"] if code not in {0, 1, 2} else []
            if code != 2:
                wrong += ["building again changes the package"] if (folder / "out.apkg").read_bytes() != old else []
                counts = bring(anki, folder / "out.apkg")
                wrong += [f"Anki's log: {counts}"] if set(counts) - {"new", "updated", "duplicate"} else []
        wrong += ["Anki's check finds something"] if not is_sound(anki, updated=True) else []
        fields = [text for (text,) in rows(anki, "select flds from notes")]
        wrong += [what for text in fields for field in text.split("\x1f") for what in scripts(field)]
    return wrong


TARGETS = ("deck/deck.toml", "deck/m.ledger.jsonl", "deck/m.apkg", "deck/evidence/lora.cpu.json", "notes/1.md", "cache")
COMMANDS = (
    ("build",),
    ("build",),
    ("build", "--no-cache"),
    ("build", "--dry-run"),
    ("cards",),
    ("check",),
    ("preview",),
)
SECONDS = 60.0
"""By the clock, on a machine that does much else; ten suffice on one that does not."""


def damage_round(source: random.Random) -> list[str]:
    """Return what does not hold when files of a project that was built are damaged."""
    with tempfile.TemporaryDirectory() as temporary, pytest.MonkeyPatch.context() as patch:
        folder = Path(temporary)
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        shutil.copytree(EDITS, folder / "notes")
        (folder / "notes" / "1.md").write_bytes(content(source))
        (folder / "deck" / "evidence").mkdir(parents=True)
        shutil.copy(resource("evidence") / "lora.cpu.json", folder / "deck" / "evidence")
        (folder / "deck" / "deck.toml").write_text('schema = 1\n[decks.m]\nnotes = "notes"\n')
        limited(folder, "build", seconds=SECONDS)
        said: list[str] = []
        for _ in range(source.randrange(1, 3)):
            target = folder / source.choice(TARGETS)
            place = next(target.rglob("deck-*"), target) if target.name == "cache" else target
            said.append(place.name)
            damage(place, source)
        for command in source.sample(COMMANDS, 2):
            done = limited(folder, *command, seconds=SECONDS)
            if wrong := faults(done):
                return [*wrong, f"{' '.join(command)} after {said}: {done.said[-600:]}"]
    return []


def one_round(seed: int) -> list[str]:
    """Return what does not hold in a round, with the notes that it takes."""
    source = random.Random(seed)  # noqa: S311  (no secret)
    if seed % 2:
        return training_round(source, SECONDS) if seed % 8 == 7 else damage_round(source)
    before = {f"{at}.md": content(source) for at in range(8)}
    after = {name: changed(data, source) if source.random() < 0.5 else data for name, data in before.items()}
    wrong = attempt(before, after)
    if not wrong:
        return []
    for name in before:
        one, other = ({name: notes[name]} for notes in (before, after))
        if alone := attempt(one, other):
            return [*alone, f"{one[name]!r} → {other[name]!r}"]
    return [*wrong, "only together"]


def main() -> int:
    """Fuzz for as long as told; the exit code says whether nothing was found."""
    parser = argparse.ArgumentParser(description="Fuzz the path from notes to the imported collection.")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, help="run this round only")
    options = parser.parse_args()
    first = int(time.time()) * 1000 if options.seed is None else options.seed
    end = time.monotonic() + options.seconds
    found = 0
    for count in itertools.count(1):
        if wrong := one_round(first + count - 1):
            found += 1
            print(f"× seed {first + count - 1}:", *wrong, sep="\n  ")
        if options.seed is not None or time.monotonic() > end or found > 4:
            break
    print(f"{count} rounds from seed {first}, a half of notes, an eighth of training; {found} fail")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
