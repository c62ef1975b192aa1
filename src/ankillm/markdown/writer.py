"""Blocks and values → Markdown, for an answer that keeps its lists, code, tables and pictures."""

import re
from collections.abc import Sequence

from ankillm.markdown.blocks import Block, CodeBlock, Item, List, Quote, Table, ThematicBreak


def as_markdown(blocks: Sequence[Block], indent: str = "") -> str:
    """Write blocks back as Markdown, for an answer that keeps its lists, code, tables and pictures."""
    parts = [_written(block, indent) for block in blocks]
    return "\n\n".join(part for part in parts if part)


def _written(block: Block, indent: str) -> str:
    if isinstance(block, List):
        return "\n".join(_written_item(block, item, indent) for item in block.items)
    if isinstance(block, CodeBlock):
        ticks = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", block.code)), default=0))
        text = f"{ticks}{block.language}\n{block.code.rstrip(chr(10))}\n{ticks}"
    elif isinstance(block, Table):
        rows = (block.head, ("---",) * len(block.head), *block.rows)
        text = "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)
    elif isinstance(block, Quote):
        text = as_markdown(block.blocks)
    elif isinstance(block, ThematicBreak):
        text = ""
    else:
        text = block.text
    return "\n".join(indent + line if line else "" for line in text.split("\n")) if indent else text


def _written_item(block: List, item: Item, indent: str) -> str:
    mark = f"{item.number}. " if block.ordered else "- "
    body = as_markdown(item.blocks, indent + " " * len(mark))
    return indent + mark + body.lstrip()


def bulleted(values: Sequence[str], *, ordered: bool = False) -> str:
    """Write one value as it is, several as a list."""
    if len(values) == 1:
        return values[0]
    marks = (f"{number}. " for number in range(1, len(values) + 1)) if ordered else ("- " for _ in values)
    return "\n".join(mark + value.replace("\n", "\n   ") for mark, value in zip(marks, values, strict=True))
