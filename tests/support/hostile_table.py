"""The hostile table: whatever lies in the notes' folder, the tool stands, says what is wrong, and builds the rest.

    python tests/support/hostile_table.py

Each row is a folder with something hostile beside a good note. A command runs in a process of its own, which is ended
when its time is up, whatever it does, and has no more memory than a row may take. Its exit code and what it says are
held against the row; the package is imported by the real Anki, and searched for scripts and for files from outside.
"""

import contextlib
import io
import os
import re
import resource
import signal
import sys
import tempfile
import time
import traceback
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
LIMIT = 8.0
"""Seconds of a processor for one row on a slow machine; linear time stays far below."""
HANGS = 120.0
"""Seconds by the clock after which a row is ended, on a machine that does much else."""
MEMORY = 2**30
"""Bytes that a command may take beside what the process that it starts from has."""
BUILD = ("build", "notes", "-o", "out.apkg")


@dataclass(frozen=True, slots=True)
class Row:
    """A hostile thing: how it is put into the folder, the exit code, and what is told of it."""

    name: str
    put: Callable[[Path], object]
    code: int = 0
    told: str = ""
    command: tuple[str, ...] = BUILD


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


def project(text: str = "", name: str = "deck.toml") -> Callable[[Path], object]:
    """Return what makes a project of the folder above the notes, with something more in its settings."""

    def make(folder: Path) -> None:
        (folder.parent / "deck").mkdir(exist_ok=True)
        settings = f'schema = 1\n[decks.m]\nnotes = "notes"\n{text}\n'
        (folder.parent / "deck" / name).write_text(settings, encoding="utf-8")

    return make


def beside(name: str, put: Callable[[Path], object]) -> Callable[[Path], object]:
    """Return what puts a file beside the notes, such as a ledger."""
    return lambda folder: put(folder.parent / name)


def in_project(name: str, put: Callable[[Path], object]) -> Callable[[Path], object]:
    """Return what puts a file into a project, in its folder."""

    def both(folder: Path) -> None:
        project()(folder)
        (folder.parent / name).parent.mkdir(exist_ok=True, parents=True)
        put(folder.parent / name)

    return both


def huge(path: Path) -> None:
    """Make a file of 20 GB that takes no room."""
    with path.open("wb") as file:
        file.truncate(20 * 10**9)


def link(target: str) -> Callable[[Path], object]:
    """Return what makes a link."""
    return lambda path: path.symlink_to(target)


def fifo_instead(path: Path) -> None:
    """Put a FIFO in the place of a file."""
    path.unlink()
    os.mkfifo(path)


def listed_key(text: str) -> str:
    """Make the key of a ledger's lines a list."""
    return text.replace('"key":"a.md#', '"key":["#","#","#"],"x":"')


def steering_key(text: str) -> str:
    """Put an escape sequence into a ledger's keys."""
    return text.replace("Why is there an a?#", r"\u001b[31m#")


def private(path: Path) -> None:
    """Put a link to somebody's notes in the place of those of a project."""
    home = Path(tempfile.mkdtemp(prefix="private."))
    (home / "diary.md").write_text("# D\n\n## Why is it secret?\n\nBecause of SECRETDIARY.\n")
    if path.is_dir():
        (path / "good.md").unlink()
        path.rmdir()
    path.symlink_to(home)


def in_ledger(change: Callable[[str], str], *, unread: bool = True) -> Callable[[Path], object]:
    """Return what builds the note, changes the ledger, and makes the note unreadable."""

    def make(folder: Path) -> None:
        (folder / "a.md").write_text("# A\n\n## Why is there an a?\n\nBecause of it.\n")
        assert run(folder.parent, *BUILD)[0] == 0
        ledger = folder.parent / "out.ledger.jsonl"
        text = ledger.read_text(encoding="utf-8")
        assert change(text) != text
        ledger.write_text(change(text), encoding="utf-8")
        if unread:
            (folder / "a.md").write_bytes(b"a\xff")

    return make


def field(old: str, new: str) -> Callable[[Path], object]:
    """Return what changes a text of the card of the unreadable note in the ledger."""
    return in_ledger(lambda text: text.replace(old, new))


def cloze(front: str) -> Callable[[Path], object]:
    """Return what makes that card a cloze."""

    def change(text: str) -> str:
        return "".join(
            line.replace('"type":"basic"', '"type":"cloze"').replace('["Why is there an a?"', f'["{front}"')
            if "Why is there an a?" in line
            else line
            for line in text.splitlines(keepends=True)
        )

    return in_ledger(change)


def packed(name: str, content: bytes | str) -> Callable[[Path], object]:
    """Return what puts a file into the last package; the card of the unreadable note shows a picture of it."""

    def make(folder: Path) -> None:
        field('"Because of it."', r'"<img src=\"a-0123456789abcdef.png\">"')(folder)
        package = folder.parent / "out.apkg"
        with zipfile.ZipFile(package) as archive:
            files = {entry: archive.read(entry) for entry in archive.namelist()} | {name: content}
        with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
            for entry, data in files.items():
                archive.writestr(entry, data)

    return make


PICTURE = '{"0":"a-0123456789abcdef.png"}'
FIFO, ZERO, ENDLESS = os.mkfifo, link("/dev/zero"), "[" * 200_000
LEFT_OUT = "holds foreign HTML or gaps; it is left out"
DAMAGED = "the ledger is damaged"
GONE = "went with the last package"
PROJECT = ("build",)


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
    Row("300 kB in one line", note(answers("字" * 105_000))),
    Row("300 kB of *a", note(answers("*a" * 150_000))),
    Row("300 kB of **a", note(answers("**a " * 75_000))),
    Row("300 kB of [c", note(answers("[c" * 150_000))),
    Row("300 kB of ![[]()", note(answers("![[]()" * 48_000))),
    Row("300 kB of `", note(answers("`a``b```" * 36_000))),
    Row("300 kB of <", note(answers("<a " * 99_000))),
    Row("300 kB of <!--", note(answers("<!-- " * 60_000))),
    Row("300 kB of $", note(answers("$a " * 99_000))),
    Row("300 kB of {{c1::", note(answers("{{c1::" * 48_000))),
    Row("300 kB of &", note(answers("&amp" * 75_000))),
    Row("300 kB of code in a line", note(answers("```python\n" + "x = (1, " * 36_000 + "\n```"))),
    Row("300 kB of bold terms", note("# 题\n\n" + "- **甲**：乙是一种丙的方法。\n" * 6_000)),
    Row("10,000 nested quotes", note(answers(">" * 10_000 + " 深"))),
    Row("10,000 nested lists", note(answers("- " * 10_000 + "深"))),
    Row("lists nested by lines", note(answers("\n".join(" " * (2 * at) + "- 深" for at in range(500))))),
    *(
        Row(f"nested blocks: {text[:16]!r}", note(f"# 题\n\n{text}"))
        for text in (
            "::: tip\n" * 500 + "x\n" + ":::\n" * 500,
            ":::{note}\n" * 1000 + "x\n" + ":::\n" * 1000,
            "```{note}\n" * 1000,
            "> [!note] t\n" * 500,
            "> [!tip] t\n> a is b.\n" * 1000,
            "".join(f"{'>' * depth} [!note] a\n" for depth in range(1, 1000)),
            "".join(f"{'>' * depth} [!tip] What is a?\n" for depth in range(1, 1000)),
            "".join(f'{"    " * depth}!!! note "a"\n' for depth in range(300)),
        )
    ),
    Row("a table of 5,000 columns", note("# 题\n\n" + "|a" * 5000 + "|\n" + "|-" * 5000 + "|\n" + "|b" * 5000 + "|\n")),
    Row("6,000 headings", note("# 题\n\n" + "## 节\n\n- **秩**：维度有多大。\n" * 6_000)),
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
    Row("a note that is a device", lambda folder: link("/dev/zero")(folder / "bad.md"), 1, "bad.md: is a link out"),
    Row("a note of 20 GB", lambda folder: huge(folder / "bad.md"), 1, "bad.md: is over 10 MiB"),
    *(
        Row(f"{name} that is {what}", beside(name, put), 2, told)
        for name in ("out.ledger.jsonl",)
        for what, put, told in (
            ("a FIFO", FIFO, "is not a regular file"),
            ("a device", ZERO, "is a link out of its project"),
            ("a link out", link("/etc/passwd"), "is a link out of its project"),
            ("of 20 GB", huge, "is over 128 MiB"),
            ("a loop", link("out.ledger.jsonl"), "cannot be read"),
            ("nested without end", lambda path: path.write_text(ENDLESS), DAMAGED),
        )
    ),
    *(
        Row(f"a package that is {what}", beside("out.apkg", put))
        for what, put in (("a FIFO", FIFO), ("a device", ZERO), ("of 20 GB", huge), ("a loop", link("out.apkg")))
    ),
    Row("a folder where a file is written", beside(".out.apkg.tmp", Path.mkdir), 2, "cannot be written"),
    Row(
        "deck.toml that is a FIFO",
        in_project("deck/deck.toml", fifo_instead),
        2,
        "not a regular",
        PROJECT,
    ),
    Row("deck.toml of 6 GB", in_project("deck/deck.toml", huge), 2, "deck.toml: is over 1 MiB", PROJECT),
    *(
        Row(f"deck.toml with {text[:24]}", project(text), 2, "deck.toml: ", PROJECT)
        for text in (
            'language = ["zh"]',
            "language = {a = 1}",
            "name = 1",
            "density = [1]",
            "facts = 'x'",
            "exclude = 1",
        )
    ),
    Row("notes of 300 characters", project("[decks.b]\nnotes = '" + "n" * 300 + "'"), 2, "is not there", PROJECT),
    Row("a label of 240 characters", project(f"[decks.{'n' * 240}]\nnotes = 'notes'"), 2, "cannot be written", PROJECT),
    Row(
        "a name that steers", project('name = "\\u001b]0;pwned\\u0007\\nfake \\u009b1m"'), 0, "\ufffd]0;pwned", PROJECT
    ),
    Row("notes by a link out", in_project("notes", private), 2, "notes is a link out of the project", PROJECT),
    Row(
        "evidence that is a link out", in_project("deck/evidence", private), 2, "is a link out of its project", PROJECT
    ),
    *(
        Row(f"evidence that is {what}", in_project("deck/evidence/x.cpu.json", put), 0, "left out", PROJECT)
        for what, put in (
            ("a FIFO", FIFO),
            ("a device", ZERO),
            ("of 20 GB", huge),
            ("nested without end", lambda path: path.write_text(ENDLESS)),
        )
    ),
    Row("20 GB beside evidence", in_project("deck/evidence/x.bin", huge), 0, "", PROJECT),
    *(
        Row(f"a ledger with {what}", put, 1, told)
        for what, put, told in (
            ("a script", field('"Because of it."', '"<script>x</script>"'), LEFT_OUT),
            ("a class of the page", field('"Because of it."', r'"<p class=\"card nightMode\">x</p>"'), LEFT_OUT),
            ("an element that is open", field('"Because of it."', '"</div></div>x"'), LEFT_OUT),
            ("hidden TeX", field('"Because of it."', r'"&#92;(&#92;href&#123;x&#125;&#92;)"'), LEFT_OUT),
            ("gap c0", cloze("a {{c0::x}}"), LEFT_OUT),
            ("gap c501", cloze("a {{c501::x}}"), LEFT_OUT),
            ("gap c70000", cloze("a {{c70000::x}}"), LEFT_OUT),
            ("a gap of 20 digits", cloze("a {{c99999999999999999999::x}}"), LEFT_OUT),
            ("a gap of 5000 digits", cloze("a {{c" + "9" * 5000 + "::x}}"), LEFT_OUT),
            ("gaps in gaps", cloze("a {{c1::b {{c2::x}}}}"), LEFT_OUT),
            ("a cloze without a gap", cloze("a"), LEFT_OUT),
            ("400 gaps that stay open", cloze("{{c1::" * 400), LEFT_OUT),
            ("Anki's tags", field('"Because of it."', '"[sound:x.mp3] [latex]x[/latex]"'), ""),
            ("an odd deck", field('"deck":"notes::a"', '"deck":"::A::::\\"b::"'), ""),
            ("odd tags", field('"tags":["a"]', '"tags":["a b","::x","A","a"]'), ""),
        )
    ),
    *(
        Row(f"a ledger with half a character in its {what}", field(old, new), 2, DAMAGED)
        for what, old, new in (
            ("field", '"Because of it."', r'"\ud800"'),
            ("key", '"key":"a.md#A', r'"key":"a.md#\udfff'),
            ("deck", '"deck":"notes::a"', r'"deck":"\ud800"'),
            ("tags", '"tags":["a"]', r'"tags":["\ud800"]'),
        )
    ),
    Row(
        "a ledger with a list for a key",
        in_ledger(listed_key, unread=False),
        2,
        DAMAGED,
    ),
    Row(
        "a ledger whose key steers",
        in_ledger(steering_key, unread=False),
        0,
        "",
    ),
    *(
        Row(f"a package with {what}", packed(name, content), 1, GONE)
        for what, name, content in (
            ("a media table of lists", "media", '{"0":["a-0123456789abcdef.png"]}'),
            ("a media table without end", "media", ENDLESS),
            ("a media table of 80 MB", "media", b" " * 80_000_000),
            ("another picture", "media", PICTURE),
        )
    ),
    Row("a package whose memory is damaged", packed("ankillm.json", ENDLESS), 1, GONE),
    *(
        Row(f"a path of 300 characters for {command}", lambda _: None, 2, "", (command, "a" * 300))
        for command in ("build", "check", "cards", "suggest", "preview")
    ),
    Row(
        "a long name for the package",
        lambda _: None,
        2,
        "(File name too long)",
        ("build", "notes", "-o", "a" * 250 + ".apkg"),
    ),
    Row(
        "a preview that is a link",
        lambda folder: private(folder.parent / "preview"),
        2,
        "is a link",
        ("preview", "notes"),
    ),
    Row("names that are no text, in a preview", names, 0, "", ("preview", "notes")),
)


STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


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


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended: its exit code, None where it had to be ended; what it said, and its seconds of processor."""

    code: int | None
    said: str
    seconds: float


Command = Callable[..., tuple[int, str]]
"""Runs something in a folder, and returns its exit code and what it says."""


def limited(
    folder: Path, *arguments: str, seconds: float = HANGS, memory: int = MEMORY, command: Command = run
) -> Ended:
    """Run a command in a process of its own, within limits of time by the clock and of memory."""
    said = folder / f".said.{os.getpid()}"
    child = os.fork()
    if child == 0:
        code = 70
        try:
            os.setpgrp()  # what it starts ends with it
            size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (size + memory, size + memory))
            handle = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(handle, 1)
            os.dup2(handle, 2)
            try:
                code, text = command(folder, *arguments)
            except BaseException:  # noqa: BLE001  (whatever it is, the reader would see a traceback)
                text = traceback.format_exc()
            os.write(handle, text.encode("utf-8", "surrogateescape"))
        finally:
            os._exit(code)
    end = time.monotonic() + seconds
    status = None
    usage: resource.struct_rusage | None = None
    while status is None and time.monotonic() < end:
        number, found, usage = os.wait4(child, os.WNOHANG)
        if number:
            status = found
            break
        time.sleep(0.005)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    if status is None:
        _, _, usage = os.wait4(child, 0)
    assert usage
    text = said.read_bytes().decode("utf-8", "replace") if said.exists() else ""
    said.unlink(missing_ok=True)
    ended = None if status is None else os.waitstatus_to_exitcode(status)
    return Ended(ended, text, usage.ru_utime + usage.ru_stime)


def attempt(row: Row, folder: Path) -> list[str]:
    """Return what does not hold for a row."""
    notes = folder / "notes"
    notes.mkdir()
    (notes / "good.md").write_text(GOOD, encoding="utf-8")
    row.put(notes)
    done = limited(folder, *row.command)
    wrong = faults(done)
    wrong += [f"exit code {done.code}: {done.said[:300]}"] if done.code != row.code else []
    wrong += [f"not told: {done.said[:300]}"] if row.told not in done.said else []
    if row.command[0] != "build":
        return wrong
    built = [place for place in (folder / "out.apkg", folder / "deck/m.apkg") if place.is_file()]
    if row.code == 2:
        return wrong + (["a package"] if any(place.stat().st_size > 100_000 for place in built) else [])
    return wrong + (imported(built[0], whole=row.told != GONE) if built else ["no package"])


def faults(done: Ended) -> list[str]:
    """Return what must never be, whatever a command was given."""
    wrong = ["it hangs, or dies"] if done.code is None or done.code < 0 or done.code > 2 else []
    wrong += [f"{done.seconds:.1f} s"] if done.seconds > LIMIT else []
    wrong += [f"traceback: {done.said.strip().splitlines()[-1][:200]}"] if "Traceback" in done.said else []
    wrong += ["it takes too much memory"] if "not enough memory" in done.said else []
    steering = STEERING.search(done.said)
    return wrong + (["what steers a terminal reaches it"] if steering else [])


def imported(package: Path, *, whole: bool = True) -> list[str]:
    """Return what is wrong with a package in the real Anki; one that is not `whole` misses a picture."""
    wrong = []
    with zipfile.ZipFile(package) as archive:
        wrong += ["a file from outside"] if any(SECRET in archive.read(name) for name in archive.namelist()) else []
    with collection() as anki:
        counts = bring(anki, package)
        wrong += [f"Anki's log: {counts}"] if set(counts) != {"new"} else []
        wrong += ["the good note's card is missing"] if not anki.find_notes("Front:*这一张总在*") else []
        again = bring(anki, package)
        wrong += [f"a second import: {again}"] if again != {"duplicate": counts.get("new")} else []
        wrong += ["Anki's check finds something"] if whole and not is_sound(anki) else []
        fields = [text for (text,) in rows(anki, "select flds from notes")]
        found = [what for text in fields for field in text.split("\x1f") for what in scripts(field)]
    return wrong + ([f"in a field: {found[:3]}"] if found else [])


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
