"""The edit table: edits of notes × how Anki imports × its schedulers; after each, no review is lost.

    python tests/support/edit_table.py

A cell imports a deck into a real Anki, answers every card, lets the reader edit half of the notes there, edits the
Markdown, builds and imports again, and then holds Anki's collection against what was promised.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from anki.collection import Collection
from deckwork import bring, collection, is_sound, rows

from ankillm.anki import ledger
from ankillm.anki.ledger import Line
from ankillm.build.build import build
from ankillm.build.report import Mode, Report
from ankillm.common.project import DeckSpec

Notes: TypeAlias = dict[str, str]
BASE = Path(__file__).parent / "edits"
MINE = "（读者加的话）"
SCHEDULING = "id, did, ord, type, queue, due, ivl, factor, reps, lapses, left, odue, odid, data"


@dataclass(frozen=True, slots=True)
class Edit:
    """What the author does, and how many cards are new and retired by it."""

    name: str
    edit: Callable[[Notes], Notes]
    new: int = 0
    retired: int = 0


@dataclass(frozen=True, slots=True)
class Preset:
    """How Anki is told to import."""

    name: str
    update: str = "if newer"
    merge: bool = False
    scheduling: bool = False


PRESETS = (
    Preset("default"),
    Preset("scheduling on", scheduling=True),
    Preset("merge types", merge=True),
    Preset("always update", update="always"),
    Preset("always, merge", update="always", merge=True, scheduling=True),
)
"""The presets of a fresh collection leave scheduling off; so the second turns it on."""


def swap(note: str, old: str, new: str) -> Callable[[Notes], Notes]:
    """Return the edit that puts new words in the place of old ones."""

    def edit(notes: Notes) -> Notes:
        assert notes[note].count(old) == 1, (note, old)
        return notes | {note: notes[note].replace(old, new)}

    return edit


def sections_swapped(notes: Notes) -> Notes:
    """Turn the order of a note's sections round."""
    title, *sections = notes["training.md"].split("\n## ")
    return notes | {"training.md": "\n## ".join([title, *reversed([part.rstrip() + "\n" for part in sections])])}


def item_moved(notes: Notes) -> Notes:
    """Move a list item to another section."""
    item = "- **权重衰减**：每一步让权重向零收缩一点，避免过大的权重。\n"
    text = notes["training.md"].replace(item, "")
    return notes | {"training.md": text.replace("- **主权重**", f"{item}- **主权重**")}


def renamed(old: str, new: str) -> Callable[[Notes], Notes]:
    """Return the edit that gives a note another path."""
    return lambda notes: {new if path == old else path: text for path, text in notes.items()}


def merged(notes: Notes) -> Notes:
    """Put one note behind the other."""
    return {"training.md": notes["training.md"] + "\n" + notes["peft.md"]}


def one_removed(notes: Notes) -> Notes:
    """Remove the first of two questions that read alike."""
    question = "### 显存不够时应该先调整哪个参数？\n\n先换成半精度，激活值减半。\n\n"
    return swap("training.md", question, "")(notes)


SECTION = (
    "\n## 评估\n\n- **困惑度**：每个词元的平均不确定度，越低越好。\n- **留出集**：从不参与训练的样本，用来看泛化。\n"
)
EDITS = (
    Edit("nothing", lambda notes: notes),
    Edit("answer edited", swap("peft.md", "决定更新量能表达多少方向", "越大，更新量能表达的方向越多")),
    Edit("question reworded", swap("training.md", "为什么要用预热？", "为什么训练刚开始时要预热？")),
    Edit("typo mended in a heading", swap("training.md", "混合精渡", "混合精度")),
    Edit("heading renamed", swap("training.md", "## 优化器", "## AdamW 的设置")),
    Edit("sections swapped", sections_swapped),
    Edit("section inserted at the top", swap("training.md", "# 训练循环\n", f"# 训练循环\n{SECTION}"), new=2),
    Edit(
        "card inserted among siblings",
        swap("peft.md", "- **缩放系数**", "- **目标模块**：加上低秩矩阵的那些线性层。\n- **缩放系数**"),
        new=1,
    ),
    Edit("list item moved", item_moved),
    Edit("note renamed", renamed("peft.md", "lora-and-prefix.md")),
    Edit("note moved to a subfolder", renamed("peft.md", "methods/peft.md")),
    Edit("two notes merged", merged),
    Edit("code comment changed", swap("training.md", "# 关闭缓存", "# 训练时用不到缓存")),
    Edit(
        "a cloze's neighbour changed",
        swap(
            "training.md",
            "optimizer.zero_grad()  # 清空上一步的梯度",
            "loss.backward()\noptimizer.zero_grad()  # 先清空梯度",
        ),
    ),
    Edit("cloze text reworded", swap("peft.md", "保持不变，只更新", "都不改变，只训练")),
    Edit("one of two identical removed", one_removed, retired=1),
)


def everything(notes: Notes) -> Notes:
    """Make every edit, one after the other; files change their names last."""
    last = {"note renamed", "note moved to a subfolder", "two notes merged"}
    for edit in (edit for edit in EDITS if edit.name not in last):
        notes = edit.edit(notes)
    return renamed("training.md", "loop/training.md")(renamed("peft.md", "lora-and-prefix.md")(notes))


ALL = (*EDITS, Edit("everything at once", everything, new=3, retired=1))


@dataclass(slots=True)
class Bench:
    """A folder with notes, the deck built of them, and a collection."""

    folder: Path

    def build(self, notes: Mapping[str, str], now: int) -> Report:
        """Write the notes and build the deck."""
        root = self.folder / "notes"
        shutil.rmtree(root, ignore_errors=True)
        for path, text in notes.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SOURCE_DATE_EPOCH", str(now))
            return build(DeckSpec("微调", (root,), self.package), Mode(cached=False))

    @property
    def package(self) -> Path:
        """The package."""
        return self.folder / "deck.apkg"

    @property
    def live(self) -> dict[str, Line]:
        """The live lines of the ledger, by GUID."""
        known = ledger.read(self.folder / "deck.ledger.jsonl")
        assert known
        return {line.guid: line for line in known.lines if line.state == "live"}


def answer_all(anki: Collection) -> None:
    """Answer every card once to three times, so that all states occur."""
    from anki.scheduler.v3 import CardAnswer  # noqa: PLC0415  (after the collection: Anki's modules import each other)

    scheduler: Any = anki.sched
    for at, number in enumerate(sorted(anki.find_cards(""))):
        if at % 3:
            scheduler.set_due_date([number], f"{at % 7}!")
        for turn in range(1 + at % 3):
            card = anki.get_card(number)
            card.start_timer()
            states = anki._backend.get_scheduling_states(number)
            rating = (CardAnswer.GOOD, CardAnswer.AGAIN, CardAnswer.EASY, CardAnswer.HARD)[(at + turn) % 4]
            scheduler.answer_card(scheduler.build_answer(card=card, states=states, rating=rating))


def edit_as_reader(anki: Collection) -> None:
    """Add words and a tag to every second note, as a reader does in Anki."""
    for number in sorted(anki.find_notes(""))[::2]:
        note = anki.get_note(number)
        note["Back"] += MINE
        note.tags.append("mine")
        anki.update_note(note)


def prepared(folder: Path, *, fsrs: bool) -> Bench:
    """Return a bench with the first deck imported, answered, and edited by its reader."""
    bench = Bench(folder)
    bench.build(base(), int(time.time()) - 1000)
    with collection(folder / "anki") as anki:
        anki.set_config("fsrs", fsrs)
        bring(anki, bench.package)
        answer_all(anki)
        edit_as_reader(anki)
        anki.fix_integrity()  # answers of one second leave a review's time out now and then: Anki's matter, not ours
    return bench


def base() -> Notes:
    """Return the notes before any edit."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(BASE.glob("*.md"))}


def cell(bench: Bench, edit: Edit, preset: Preset, folder: Path) -> list[str]:
    """Return what does not hold after an edit and an import."""
    shutil.copytree(bench.folder, folder)
    copy = Bench(folder)
    before = copy.live
    report = copy.build(edit.edit(base()), int(time.time()) + 1000)
    wrong = []
    if (len(report.new), len(report.retired)) != (edit.new, edit.retired):
        wrong.append(f"new {report.new}, retired {report.retired}")
    with collection(folder / "anki") as anki:
        history = _history(anki)
        mine = {anki.get_note(number).guid for number in anki.find_notes("tag:mine")}
        bring(anki, copy.package, update=preset.update, merge=preset.merge, scheduling=preset.scheduling)
        now = _history(anki)
        wrong += [f"card {key} lost: {old} → {now.get(key)}" for key, old in history.items() if now.get(key) != old]
        if anki.note_count() != len(before) + edit.new:
            wrong.append(f"{anki.note_count()} notes in Anki instead of {len(before) + edit.new}")
        wrong += _texts(anki, copy.live, before, mine, overwrites=preset.update == "always")
        if not is_sound(anki):
            wrong.append("Anki's database check finds something")
    return wrong


def _history(anki: Collection) -> dict[int, Any]:
    """Return the scheduling and the reviews of every answered card."""
    reviews: dict[int, list[Any]] = {}
    for review in rows(anki, "select cid, * from revlog order by id"):
        reviews.setdefault(review[0], []).append(review)
    found = {row[0]: row for row in rows(anki, f"select {SCHEDULING} from cards where reps > 0")}  # noqa: S608
    return {number: (row, reviews.get(number)) for number, row in found.items()}


def _texts(
    anki: Collection, live: Mapping[str, Line], before: Mapping[str, Line], mine: set[str], *, overwrites: bool
) -> list[str]:
    """Say where new text has not arrived, or the reader's own is gone from a card whose content is as it was."""
    wrong = []
    for guid, line in live.items():
        (number,) = anki.find_notes(f"key:{guid}")
        note = anki.get_note(number)
        shipped = (line.fields.front, line.fields.back, line.fields.context)
        same = guid in before and before[guid].hash == line.hash
        if guid in mine and same and not overwrites:
            if not (note["Back"].endswith(MINE) and "mine" in note.tags):
                wrong.append(f"the reader's edit is gone: {line.key}")
        elif (note.values()[0], note["Back"], note["Context"]) != shipped:
            wrong.append(f"new text has not arrived: {line.key}")
    return wrong


def main() -> int:
    """Print the table; the exit code says whether every cell holds."""
    failures = 0
    with tempfile.TemporaryDirectory() as temporary:
        benches = {name: prepared(Path(temporary, name), fsrs=name == "FSRS") for name in ("SM-2", "FSRS")}
        columns = [(scheduler, preset) for scheduler in benches for preset in PRESETS]
        print("edit".ljust(32), *(f"{scheduler} {preset.name}".ljust(19) for scheduler, preset in columns))
        for edit in ALL:
            marks = []
            for at, (scheduler, preset) in enumerate(columns):
                wrong = cell(benches[scheduler], edit, preset, Path(temporary, f"{edit.name} {at}"))
                shutil.rmtree(Path(temporary, f"{edit.name} {at}"))
                failures += bool(wrong)
                marks.append(("holds" if not wrong else f"× {wrong[0]}").ljust(19))
            print(edit.name.ljust(32), *marks)
    print(f"{len(ALL) * len(columns)} cells, {failures} fail; under “always update” Anki overwrites the reader's edits")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
