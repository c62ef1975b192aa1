"""Markdown → the HTML of a field."""

import html
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from ankillm.anki.highlight import Mark, code_block
from ankillm.common.patterns import regex
from ankillm.markdown.inline import SIGN, image_words, marked_parts, part_content
from ankillm.markdown.parser import parser
from ankillm.markdown.raw_html import SHOWN, images_in, tag_name

Pictures: TypeAlias = Callable[[str], str]
"""An image's address as written → its name among the media; empty if it is not to be had."""

OPEN, CLOSE = "\ufdd0", "\ufdd1"
"""Stand for a gap's ends while Markdown becomes HTML; Unicode keeps them for such use, `clean` drops others."""
LINK = regex(r"(?:https?://|mailto:)\S+", re.IGNORECASE)
BLOCK = regex(r"^\s*(?:[-+=]|\d+[.)])|^\s")
"""What can make a line more than a paragraph, beside the signs that mean something anywhere in it."""
MARKUP = regex(rf"{SIGN.pattern}|{BLOCK.pattern}")


def escape(text: str) -> str:
    """Return text as HTML."""
    return html.escape(text, quote=False)


def take_marks(text: str) -> tuple[str, list[Mark]]:
    """Take the stand-ins of gaps out of a text: the text without, and where they were."""
    marks: list[Mark] = []
    plain = ""
    for piece in re.split(f"([{OPEN}{CLOSE}])", text):
        if piece in {OPEN, CLOSE}:
            marks.append((len(plain), piece))
        else:
            plain += piece
    return plain, marks


def no_pictures(_src: str) -> str:
    """Have no picture."""
    return ""


def field_html(markdown: str, references: Mapping[str, Any], pictures: Pictures = no_pictures) -> str:
    """Return Markdown as the HTML of a field; a single paragraph stands without `<p>`."""
    if not MARKUP.search(markdown):
        return escape(markdown.strip())
    if not BLOCK.match(markdown) and (parts := marked_parts(markdown.strip())) is not None:
        return "".join(_marked(part) if at % 2 else escape(part) for at, part in enumerate(parts))
    return rendered(markdown, {"references": dict(references.get("references", {})), "pictures": pictures})


def _marked(part: str) -> str:
    words = escape(part_content(part))
    return f"<code>{words}</code>" if part[0] == "`" else f"<strong>{words}</strong>"


WIDE = regex(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")


class FieldRenderer(RendererHTML):
    """markdown-it's renderer with our rules; `env` holds the `pictures` to show."""

    def text(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType) -> str:
        """Escape words."""
        return escape(tokens[idx].content)

    def code_inline(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType) -> str:
        """Show code in a line."""
        return f"<code>{escape(tokens[idx].content)}</code>"

    def fence(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType) -> str:
        """Show a block of code in colour."""
        words = tokens[idx].info.split()
        code, marks = take_marks(tokens[idx].content)
        return code_block(code, words[0].lower().strip("{}.") if words else "", marks)

    def code_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Show an indented block of code, which has no language."""
        return self.fence(tokens, idx, options, env)

    def image(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, env: EnvType) -> str:
        """Show a picture that there is, else the words that stand for it."""
        return _picture(str(tokens[idx].attrs.get("src", "")), take_marks(tokens[idx].content)[0], env)

    def html_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Show an image, a line break, or one of a few tags, without attributes; the rest is dropped."""
        raw = tokens[idx].content
        name, closes = tag_name(raw)
        if name == "br":
            return "<br>"
        if name in SHOWN:
            return f"<{'/' * closes}{SHOWN[name]}>"
        return self.html_block(tokens, idx, options, env) if "<img" in raw.lower() else ""

    def html_block(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, env: EnvType) -> str:
        """Show the images of a block of raw HTML."""
        return "".join(_picture(src, alt, env) for src, alt in images_in(tokens[idx].content))

    def link_open(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType) -> str:
        """Open a link that leads to the web; of any other, only the words are shown."""
        href = str(tokens[idx].attrs.get("href", ""))
        tokens[idx].meta["shown"] = shown = LINK.fullmatch(href) is not None
        return f'<a href="{escapeHtml(href)}">' if shown else ""

    def link_close(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType) -> str:
        """Close a link that was opened."""
        opened = next(token for token in reversed(tokens[:idx]) if token.type == "link_open")
        return "</a>" if opened.meta["shown"] else ""

    def softbreak(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType) -> str:
        """Join lines: with a space (a line break in HTML is one), between Chinese characters with nothing."""
        before, after = tokens[idx - 1].content[-1:], tokens[idx + 1].content[:1] if idx + 1 < len(tokens) else ""
        return "" if WIDE.match(before) and WIDE.match(after) else "\n"

    def hardbreak(self, _tokens: Sequence[Token], _idx: int, _options: OptionsDict, _env: EnvType) -> str:
        """Break a line."""
        return "<br>"

    def s_open(self, _tokens: Sequence[Token], _idx: int, _options: OptionsDict, _env: EnvType) -> str:
        """Open deleted words."""
        return "<del>"

    def s_close(self, _tokens: Sequence[Token], _idx: int, _options: OptionsDict, _env: EnvType) -> str:
        """Close deleted words."""
        return "</del>"

    def math_inline(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType) -> str:
        """Hand a formula to Anki's MathJax."""
        return rf"\({escape(tokens[idx].content)}\)"

    def math_block(self, tokens: Sequence[Token], idx: int, _options: OptionsDict, _env: EnvType) -> str:
        """Hand a displayed formula to Anki's MathJax."""
        return rf"\[{escape(tokens[idx].content.strip())}\]"

    math_inline_double = math_block
    math_block_label = math_block

    def front_matter(self, _tokens: Sequence[Token], _idx: int, _options: OptionsDict, _env: EnvType) -> str:
        """Show nothing of what is about the note."""
        return ""


RENDERER = FieldRenderer()


def rendered(markdown: str, env: EnvType) -> str:
    """Return Markdown as HTML; a single paragraph stands without `<p>`. `env` holds link definitions and `pictures`."""
    tokens = parser().parse(markdown, env)
    if [token.type for token in tokens[:4]] == ["paragraph_open", "inline", "paragraph_close"]:
        tokens = tokens[1:2]
    return str(RENDERER.render(tokens, parser().options, env)).strip()


def _picture(src: str, alt: str, env: EnvType) -> str:
    words, width = image_words(alt)
    name = env["pictures"](src) if src else ""
    if not name:
        return escape(words)
    shown = (f' alt="{escapeHtml(words)}"' if words else "") + (f' width="{width}"' if width else "")
    return f'<img src="{escapeHtml(name)}"{shown}>'
