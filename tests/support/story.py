"""The first picture of the documents: a note of four lines, a card of it, its doubt, and the verdict on a claim.

The cards are real: built, imported into Anki and photographed in its page.
"""

import argparse
import base64
import subprocess
import sys
from html import escape
from pathlib import Path

from browser import chromium, tab
from checkout import ROOT
from shoot import compact, shoot

WIDTH, CARD = 1080, 340
"""CSS pixels: of the picture, and of a card in it."""
STYLE = """
body { margin: 0; padding: 22px; width: 1036px; background: #eef0f2; color: #333a42 }
body { font: 17px/1.5 "Noto Sans CJK SC", sans-serif }
pre { margin: 0; padding: 14px 20px; border-radius: 8px; background: #fff; color: #22272e }
pre { font: 16px/1.6 "Noto Sans Mono CJK SC", monospace }
pre b { background: #fdf0c4; font-weight: inherit }
main { display: flex; gap: 8px; justify-content: space-between; align-items: flex-start }
section { width: 340px; max-height: 520px; overflow: hidden }
section { mask-image: linear-gradient(#000 480px, transparent 520px) }
h2 { margin: 14px 0 8px; font-size: 17px; font-weight: 600 }
h2 code { font: 600 15px "Noto Sans Mono CJK SC", monospace }
img { width: 340px; border-radius: 8px; display: block; margin-bottom: 10px }
"""
WORDS = {
    "prefix.md": (
        "slightly increases the number of parameters",
        "<code>ankillm build</code>: its cards",
        "a doubt: nobody claimed it",
        "a verdict: it was claimed",
    ),
    "prefix.zh.md": (
        "略微增加参数量",
        "<code>ankillm build</code>：笔记的卡片",
        "存疑：没有写成论断",
        "结论：写成了论断",
    ),
}
"""Example → the phrase that is wrong, and what stands above the three columns."""
OTHER = "pre_seq_len"
CLAIM = '[{}](demo:prefix_tuning#projection_cost "<= 1.5×")'


def columns(note: Path, phrase: str, work: Path) -> list[list[bytes]]:
    """Return the fronts of both cards, the back of one, and the same back once the phrase is a claim."""
    claimed = work / note.name
    claimed.write_text(note.read_text("utf-8").replace(phrase, CLAIM.format(phrase)), "utf-8")
    packages = [work / f"{note.name}.{kind}.apkg" for kind in ("plain", "claimed")]
    for file, package in zip((note, claimed), packages, strict=True):
        command = [sys.executable, "-m", "ankillm", "build", file, "-o", package]
        subprocess.run([*map(str, command)], cwd=ROOT, check=True, capture_output=True)
    front, back = (argparse.Namespace(width=CARD, night=False, question=question) for question in (True, False))
    plain, verdict = packages
    fronts = [shoot(plain, words, front) for words in (OTHER, phrase)]
    return [fronts, [shoot(plain, phrase, back)], [shoot(verdict, phrase, back)]]


def story(note: Path, work: Path) -> bytes:
    """Return the picture of an example as a PNG."""
    phrase, *titles = WORDS[note.name]
    text = escape(note.read_text("utf-8").strip()).replace(phrase, f"<b>{phrase}</b>")
    cards = "".join(
        f"<section><h2>{title}</h2>{''.join(map(_image, pictures))}</section>"
        for title, pictures in zip(titles, columns(note, phrase, work), strict=True)
    )
    page = work / "story.html"
    page.write_text(
        f"<!doctype html><meta charset=utf-8><style>{STYLE}</style><pre>{text}</pre><main>{cards}</main>", "utf-8"
    )
    with chromium() as wire, tab(wire, WIDTH, 100) as open_tab:
        open_tab.open(page)
        open_tab.resize(WIDTH, open_tab.evaluate("document.scrollingElement.scrollHeight"), scale=2)
        return compact(open_tab.picture())


def _image(png: bytes) -> str:
    return f'<img src="data:image/png;base64,{base64.b64encode(png).decode()}">'
