"""The hostile table: whatever lies in the notes' folder, the tool stands, says what is wrong, and builds the rest.

    python tests/support/hostile_table.py

Each row is a folder with something hostile beside a good note. After `ankillm build`, exit code and line told are held
against the row; the package is imported by the real Anki, and searched for scripts and for files from outside.
"""

import contextlib
import io
import os
import re
import signal
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from deckwork import bring, collection, is_sound, rows

from ankillm.cli import main as ankillm

PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010806000000")
SECRET = b"secret-from-outside"
GOOD = "# 好笔记\n\n## 为什么这一张总在？\n\n因为别的文件坏了也要照常生成。\n"
EVIL = (
    "<script>alert(1)</script><img src=x onerror=alert(1)><iframe src=//e></iframe><svg onload=alert(1)>"
    "[a](javascript:alert(1)) [b](JaVaScRiPt:x) <a href='javascript:x'>c</a> [d](data:text/html,x) [e](vbscript:x) "
    '[f](https://e.org/"onclick="x) ![g](x"onerror="y)'
)
LIMIT = 20.0
"""Seconds for one row on a slow machine; linear time stays far below."""
HANGS = 60
"""Seconds after which a row is given up."""


@dataclass(frozen=True, slots=True)
class Row:
    """A hostile thing: how it is put into the folder, the exit code, and what is told of it."""

    name: str
    put: Callable[[Path], object]
    code: int = 0
    told: str = ""


def note(text: str | bytes, name: str = "bad.md") -> Callable[[Path], object]:
    """Return what writes a note."""
    content = text if isinstance(text, bytes) else text.encode()
    return lambda folder: (folder / name).write_bytes(content)


def picture(put: Callable[[Path], object], src: str = "p.png") -> Callable[[Path], object]:
    """Return what writes a note that shows an image, and puts the image there."""

    def both(folder: Path) -> None:
        (folder / "bad.md").write_text(
            f"# 图\n\n<!-- anki: id=图 -->\n## 为什么要看图？\n\n因为图里有曲线。\n\n![曲线]({src})\n", encoding="utf-8"
        )
        put(folder)

    return both


def everywhere(folder: Path) -> None:
    """Put scripts into every place that a field is made of."""
    name = "<img src=x onerror=y>.md"
    (folder / name).write_text(
        f"---\ntitle: {EVIL}\n---\n# {EVIL}\n\n## 为什么 {EVIL}？\n\n因为 {EVIL} 如此。\n\n"
        f"- **{EVIL}**：一种 {EVIL} 的方法。\n- **秩**：{EVIL}\n\n```{EVIL}\nx = f(1)  # {EVIL}\n```\n\n"
        f"| 方法 | {EVIL} |\n|---|---|\n| 甲 | {EVIL} |\n\n<!-- anki: tags={EVIL} deck={EVIL} id={EVIL} -->\n"
        f"训练时 {{{{c1::{EVIL}::{EVIL}}}}} 不变。\n\n$$\n</span><script>alert(1)</script>\n$$\n",
        encoding="utf-8",
    )


def outside(folder: Path) -> Path:
    """Return a file beside the notes' folder, which must never be packed."""
    path = folder.parent / "outside.png"
    path.write_bytes(PNG + SECRET)
    return path


def sparse(folder: Path) -> None:
    """Make an image of 200 MB."""
    with (folder / "p.png").open("wb") as file:
        file.truncate(200 * 10**6)


def same_names(folder: Path) -> None:
    """Make two images of one name, in two notes."""
    for part in ("a", "b"):
        (folder / part).mkdir()
        picture(lambda here, part=part: (here / "p.png").write_bytes(PNG + part.encode()))(folder / part)  # type: ignore[misc]


def names(folder: Path) -> None:
    """Make notes whose names are as odd as a disk allows."""
    question = "# 题\n\n## 为什么名字这么怪？\n\n因为磁盘允许。\n"
    for name in (
        "笔记 一",
        "🦙 emoji",
        " 空 格 ",
        "é" * 126,
        "a" * 252,
        "a#b",
        "x::y",
        '"q"',
        "%2e%2e",
        "-o",
        "a\nb",
        "é",
    ):
        with contextlib.suppress(FileExistsError):
            (folder / f"{name}.md").write_text(question, encoding="utf-8")
    (os.fsencode(folder) + b"/\xff\xfe.md").decode("utf-8", "surrogateescape")
    with open(os.fsencode(folder) + b"/\xff\xfe.md", "wb") as file:  # noqa: PTH123  (a name that is no text)
        file.write(question.encode())


def answers(text: str) -> str:
    """Return a note whose answer is this text."""
    return f"# 题\n\n## 为什么这样写？\n\n{text}\n"


ROWS = (
    Row("an empty file", note("")),
    Row("only front matter", note("---\ntitle: x\n---\n")),
    Row("broken front matter", note("---\ntitle: [\n  - {x\n# 题\n\n## 为什么坏了？\n\n因为没有结尾。\n")),
    Row("bytes that are not UTF-8", note(b"# a\n\n\xff\xfeb\n", "bad.md"), 1, "bad.md:3: byte 0xff is not UTF-8"),
    Row("UTF-16", note("# 题".encode("utf-16")), 1, "bad.md:1: is UTF-16"),
    Row("UTF-8 with BOM and CRLF", note(b"\xef\xbb\xbf" + answers("一\r\n二").replace("\n", "\r\n").encode())),
    Row("lone surrogates", note(b"# a\n\xed\xa0\x80\n"), 1, "bad.md:2: byte 0xed is not UTF-8"),
    Row("NUL and control characters", note(answers("一\x00二\x1f三\x07四\x1b[31m五\x7f\u0085\ufdd0\ufffe"))),
    Row("a right-to-left override", note(answers("a\u202eb\u2066c\u200f"))),
    Row("1 MB in one line", note(answers("字" * 350_000))),
    Row("1 MB of *a", note(answers("*a" * 500_000))),
    Row("1 MB of **a", note(answers("**a " * 250_000))),
    Row("1 MB of [c", note(answers("[c" * 500_000))),
    Row("1 MB of ![[]()", note(answers("![[]()" * 160_000))),
    Row("1 MB of `", note(answers("`a``b```" * 120_000))),
    Row("1 MB of <", note(answers("<a " * 330_000))),
    Row("1 MB of <!--", note(answers("<!-- " * 200_000))),
    Row("1 MB of $", note(answers("$a " * 330_000))),
    Row("1 MB of {{c1::", note(answers("{{c1::" * 160_000))),
    Row("1 MB of &", note(answers("&amp" * 250_000))),
    Row("1 MB of code in a line", note(answers("```python\n" + "x = (1, " * 120_000 + "\n```"))),
    Row("1 MB of bold terms", note("# 题\n\n" + "- **甲**：乙是一种丙的方法。\n" * 20_000)),
    Row("10,000 nested quotes", note(answers(">" * 10_000 + " 深"))),
    Row("10,000 nested lists", note(answers("- " * 10_000 + "深"))),
    Row("lists nested by lines", note(answers("\n".join(" " * (2 * at) + "- 深" for at in range(500))))),
    Row("a table of 5,000 columns", note("# 题\n\n" + "|a" * 5000 + "|\n" + "|-" * 5000 + "|\n" + "|b" * 5000 + "|\n")),
    Row("20,000 headings", note("# 题\n\n" + "## 节\n\n- **秩**：维度有多大。\n" * 20_000)),
    Row("duplicate questions", note("# 题\n\n" + "## 为什么一样？\n\n因为重复。\n\n" * 50)),
    *(
        Row(f"deck {name!r}", note(f"# 题\n\n<!-- anki: deck='{name}' -->\n## 为什么换牌组？\n\n因为作者要。\n"))
        for name in (
            "::",
            "A::::B",
            "A:: B ::",
            'a"b',
            "<b>粗</b>",
            "Default",
            "default",
            " ",
            "x" * 3000,
            "a\tb",
            "\u3000",
        )
    ),
    Row("tags", note("# 题\n\n<!-- anki: tags='a b,::x,y::,A,a,:::,a\"b' -->\n## 为什么有标签？\n\n因为作者要。\n")),
    Row("scripts everywhere", everywhere),
    Row(
        "braces and colons under a cloze",
        note(
            "# 题\n\n```cpp\nmodel.run({{x}}, std::vector<int>{{1}}, a::b);  // 启动 {{c1::x}} 模型 }}\n```\n\n"
            "用 {{c1::`std::map{{}}`::h::i}} 存。\n"
        ),
    ),
    Row(
        "odd gaps",
        note("# 题\n\n一 {{c0::a}} 二 {{c501::b}} 三 {{c1::}} 四 {{c1::{{c2::x}}}} 五 {{C1::y}} 六 {{c1,2::z}}。\n"),
    ),
    Row("an image that is missing", picture(lambda _: None), 0, "bad.md:8: image 'p.png' is missing"),
    Row("an image that is a folder", picture(lambda folder: (folder / "p.png").mkdir()), 0, "is not a regular file"),
    Row("an image that is a FIFO", picture(lambda folder: os.mkfifo(folder / "p.png")), 0, "is not a regular file"),
    Row("an image of 200 MB", picture(sparse), 0, "over 32 MiB"),
    Row(
        "an image by a link out",
        picture(lambda folder: (folder / "p.png").symlink_to(outside(folder))),
        0,
        "lies outside",
    ),
    Row("an image by ..", picture(outside, "../outside.png"), 0, "lies outside"),
    Row("an image by %2e%2e", picture(outside, "%2e%2e/outside.png"), 0, "lies outside"),
    Row("an image by an absolute path", picture(outside, "/etc/passwd"), 0, "lies outside"),
    Row("an image that is a loop", picture(lambda folder: (folder / "p.png").symlink_to("p.png")), 0, "is missing"),
    Row("an image that is no picture", picture(note("x", "p.txt"), "p.txt"), 0, "is no picture by its name"),
    Row("an image on the web", picture(lambda _: None, "https://e.org/p.png"), 0, "is not a file"),
    Row("an image by file:", picture(outside, "file:///etc/passwd"), 0, ""),
    Row("an image with a long name", picture(lambda _: None, "a" * 5000 + ".png")),
    Row("an image with NUL", picture(lambda _: None, "a%00.png"), 0, "is missing"),
    Row("an empty image", picture(lambda folder: (folder / "p.png").touch()), 0, "is empty"),
    Row("two images of one name", same_names),
    Row("a note that is a folder", lambda folder: (folder / "bad.md").mkdir()),
    Row("a note that is a FIFO", lambda folder: os.mkfifo(folder / "bad.md"), 1, "bad.md: is not a regular file"),
    Row(
        "a note by a link out", lambda folder: (folder / "bad.md").symlink_to("/etc/passwd"), 1, "bad.md: is a link out"
    ),
    Row(
        "a link to nothing",
        lambda folder: (folder / "bad.md").symlink_to("no.md"),
        1,
        "bad.md: cannot be read (No such",
    ),
    Row("a loop of links", lambda folder: (folder / "bad.md").symlink_to("bad.md"), 1, "bad.md: "),
    Row("a loop of folders", lambda folder: (folder / "loop").symlink_to(".")),
    Row("odd names", names),
)


class _Scripts(HTMLParser):
    """Collects what could run in a field, or leave it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that our renderer has no rule for, a handler, or an address of another scheme."""
        if tag in {"script", "iframe", "svg", "object", "embed", "style", "link", "base", "form", "meta", "body"}:
            self.found.append(tag)
        for name, value in attrs:
            scheme = re.match(r"\s*([\w+.-]+)\s*:", value or "")
            if name.startswith("on") or (
                name in {"href", "src"} and scheme and scheme[1].lower() not in {"http", "https", "mailto"}
            ):
                self.found.append(f"{name}={value}")


def scripts(field: str) -> list[str]:
    """Return what could run in a field."""
    reader = _Scripts()
    reader.feed(field)
    reader.close()
    return reader.found


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run the command line in a folder; return its exit code and what it says. An exception is the caller's."""
    out, before = io.StringIO(), (Path.cwd(), sys.argv)
    os.chdir(folder)
    sys.argv = ["ankillm", *arguments]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            ankillm()
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    finally:
        os.chdir(before[0])
        sys.argv = before[1]
    return 0, out.getvalue()


def attempt(row: Row, folder: Path) -> list[str]:
    """Return what does not hold for a row."""
    notes = folder / "notes"
    notes.mkdir()
    (notes / "good.md").write_text(GOOD, encoding="utf-8")
    row.put(notes)
    start = time.process_time()
    signal.alarm(HANGS)
    try:
        code, said = run(folder, "build", "notes", "-o", "out.apkg")
    except Exception as error:  # noqa: BLE001  (any exception is a traceback that the reader would see)
        return [f"traceback: {type(error).__name__}: {error}"[:200]]
    finally:
        signal.alarm(0)
    taken = time.process_time() - start
    wrong = [f"{taken:.1f} s"] if taken > LIMIT else []
    wrong += [f"exit code {code}: {said[:300]}"] if code != row.code else []
    wrong += [f"not told: {said[:300]}"] if row.told not in said else []
    wrong += ["a colour code reaches the terminal"] if "\x1b" in said or "\x07" in said else []
    return wrong + (imported(folder / "out.apkg") if (folder / "out.apkg").exists() else ["no package"])


def imported(package: Path) -> list[str]:
    """Return what is wrong with a package in the real Anki."""
    wrong = []
    with zipfile.ZipFile(package) as archive:
        wrong += ["a file from outside"] if any(SECRET in archive.read(name) for name in archive.namelist()) else []
    with collection() as anki:
        counts = bring(anki, package)
        wrong += [f"Anki's log: {counts}"] if set(counts) != {"new"} else []
        wrong += ["the good note's card is missing"] if not anki.find_notes("Front:*这一张总在*") else []
        again = bring(anki, package)
        wrong += [f"a second import: {again}"] if again != {"duplicate": counts.get("new")} else []
        wrong += ["Anki's check finds something"] if not is_sound(anki) else []
        fields = [text for (text,) in rows(anki, "select flds from notes")]
        found = [what for text in fields for field in text.split("\x1f") for what in scripts(field)]
    return wrong + ([f"in a field: {found[:3]}"] if found else [])


def give_up(_number: int, _frame: object) -> None:
    """End a row that hangs."""
    raise TimeoutError


signal.signal(signal.SIGALRM, give_up)


def main() -> int:
    """Print the table; the exit code says whether every row holds."""
    failures = 0
    for row in ROWS:
        with tempfile.TemporaryDirectory() as temporary:
            start = time.perf_counter()
            wrong = attempt(row, Path(temporary))
        failures += bool(wrong)
        told = "; ".join(wrong) if wrong else "holds"
        print(f"{row.name:<36} {time.perf_counter() - start:6.1f} s  {'× ' if wrong else ''}{told}", flush=True)
    print(f"{len(ROWS)} rows, {failures} fail")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
