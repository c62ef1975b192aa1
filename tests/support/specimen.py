"""One card of every look: what may stand in the fields of a card, with our templates, packed for the real Anki."""

import html
import struct
import zlib
from pathlib import Path

import genanki
from checkout import ROOT
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from pygments.token import STANDARD_TYPES

from ankillm.anki.note_types import FIELDS, Kind, model, read_look

TEMPLATES = ROOT / "deck" / "templates"
FORMULAS = (
    r"\(W = W_0 + \frac{\alpha}{r} BA\)",
    r"\[\mathcal{L} = -\sum_{t=1}^{T} \log p_\theta(x_t \mid x_{&lt;t})\]",
)
LONG = """\
for batch in train_dataloader:  # 每个批次走一步，然后更新学习率
    loss = model(input_ids=batch["input_ids"].to(device), labels=batch["labels"].to(device), use_cache=False).loss
    loss.backward()
"""


def coloured(source: str) -> str:
    """Return Python source as the field of a card holds it."""
    inner = highlight(source, PythonLexer(), HtmlFormatter(nowrap=True)).rstrip("\n")
    return f'<pre class="code"><code>{inner}</code></pre>'


def gap(field: str, token: str) -> str:
    """Make a gap of one token, with its colour."""
    return field.replace(token, f"{{{{c1::{token}}}}}", 1)


def every_token() -> str:
    """Return one span for each class that Pygments knows."""
    spans = [f'<span class="{short}">{short}</span>' for short in sorted(set(STANDARD_TYPES.values()) - {""})]
    return " ".join(spans)


def verdict(kind: str, text: str) -> str:
    """Return the banner of a verdict."""
    return f'<div class="verdict {kind}">{html.escape(text)}</div>'


FOOT = {
    "Context": "<span>参数高效微调</span><span>P-tuning v2</span>",
    "Source": "notes/zh/prefix_tuning.md:12",
    "Demo": '<code class="command">ankillm demo prefix_tuning</code>'
    ' <details class="path"><summary>prefix_tuning.py</summary>reference_trainer/prefix_tuning.py</details>',
}
MEASURED = '<span class="measured">实测</span>'
FACTS = (
    f'<table class="facts"><tr><td>ChatGLM-6B、pre_seq_len=128 的可训练参数占比</td><td>{MEASURED} 0.473%</td></tr>'
    f"<tr><td>打开 prefix_projection 后前缀参数变为几倍</td><td>{MEASURED} 32.6×</td></tr>"
    f"<tr><td>各方法按新格式上的最终损失从低到高</td><td>{MEASURED} full &lt; LoRA &lt; P-tuning v2 &lt; prompt tuning"
    f"</td></tr>"
    f"<tr><td>最长的参数名</td><td>{MEASURED} {'base_model.model.' * 6}</td></tr></table>"
    '<details class="versions"><summary>cpu</summary>torch 2.13.0 · transformers 5.23.0</details>'
)
PLOT = '<img class="plot" src="plot.png">'
TABLE = (
    "<table><thead><tr><th>方法</th><th>可训练参数</th><th>占比</th><th>显存</th><th>说明</th></tr></thead><tbody>"
    "<tr><td>LoRA r=8</td><td>4,194,304</td><td>0.06%</td><td>低</td><td><code>query_key_value</code></td></tr>"
    "<tr><td>P-tuning v2</td><td>29,360,128</td><td>0.47%</td><td>中</td><td>每层的键与值前缀</td></tr></tbody></table>"
)

SPECIMENS: dict[str, tuple[Kind, dict[str, str]]] = {
    "definition": (
        "basic",
        {
            "Front": "<code>pre_seq_len</code> 表示什么？",
            "Back": "可训练连续提示的<strong>长度</strong>，见 <a href='https://arxiv.org/abs/2110.07602'>论文</a>。",
            "Evidence": verdict("confirmed", "✓ 实测 0.473%（笔记：< 1%）· prefix_tuning · cpu") + FACTS + PLOT,
        }
        | FOOT,
    ),
    "refuted": (
        "basic",
        {
            "Front": "笔记说：打开 <code>prefix_projection</code> 会略微增加参数量。对还是错，差多少？",
            "Back": "错：是 32.6 倍。",
            "Evidence": verdict("refuted", "✗ 实测 32.6×（笔记：<= 1.5×）· prefix_tuning · cpu") + FACTS,
        }
        | FOOT,
    ),
    "stale": (
        "basic",
        {"Front": "可训练占比是多少？", "Back": "0.473%", "Evidence": verdict("stale", "! 0.473%：演示代码已变")}
        | FOOT,
    ),
    "known-wrong": (
        "basic",
        {"Front": "对还是错？", "Back": "错", "Evidence": verdict("known-wrong", "✗ 实测 32.6×（笔记：<= 1.5×）")}
        | FOOT,
    ),
    "long": (
        "basic",
        {
            "Front": "<p>这段循环漏了什么？</p>" + coloured(LONG),
            "Back": f"<p>{FORMULAS[0]}</p><p>{FORMULAS[1]}</p><ol><li>前向<ul><li>损失</li></ul></li><li>反向</li></ol>"
            f"{TABLE}<blockquote><p>引文与<del>删去</del>的字</p></blockquote><img src='plot.png'>"
            f"<p><code>{'very_long_name_' * 12}</code> https://example.org/{'path/' * 30}</p>",
        }
        | FOOT,
    ),
    "tokens": (
        "basic",
        {"Front": f'<pre class="code"><code>{every_token()}</code></pre>', "Back": "<em>各类记号</em>"},
    ),
    "bare": ("basic", {"Front": "秩是什么？", "Back": "LoRA 的 r。"}),
    "code gap": (
        "cloze",
        {"Text": gap(coloured(LONG), '<span class="n">backward</span>'), "Back": "<p>反向传播。</p>"} | FOOT,
    ),
    "gap of tokens": ("cloze", {"Text": f'<pre class="code"><code>{{{{c1::{every_token()}}}}}</code></pre>'}),
    "prose gaps": (
        "cloze",
        {"Text": "每层加上{{c1::键与值前缀}}，<code>{{c1::input_ids}}</code>不变长；{{c2::变长}}的是 prompt tuning。"}
        | FOOT,
    ),
}


def png(width: int, height: int) -> bytes:
    """Return a white PNG, by the PNG specification."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\xff" * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def plot(folder: Path) -> Path:
    """Write the picture that the specimens show."""
    file = folder / "plot.png"
    file.write_bytes(png(1600, 500))
    return file


def pack(file: Path, media: list[Path]) -> None:
    """Write a package with a note for each specimen; its GUID is the specimen's name."""
    look = read_look(TEMPLATES)
    models = {kind: model(kind, look) for kind in FIELDS}
    deck = genanki.Deck(1_900_000_001, "specimens")
    for name, (kind, fields) in SPECIMENS.items():
        values = [fields.get(field, "") for field in FIELDS[kind]]
        deck.add_note(genanki.Note(model=models[kind], fields=values, guid=name))
    genanki.Package(deck, media_files=[str(path) for path in media]).write_to_file(str(file))
