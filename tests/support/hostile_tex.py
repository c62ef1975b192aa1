"""TeX, and pieces of Anki's own tags, that a note may not bring into the reviewer."""

from pathlib import Path

from hostile_table import PNG, run

FORMULAS = (
    r"$\href{javascript:pwn()}{x}$",
    r"$\style{position:fixed;top:0;left:0;width:100vw;height:100vh}{\href{javascript:pwn()}{x}}$",
    r"$\style{background:url(https://evil.example/a)}{y}$",
    r"$$\mmlToken{mi}[href=\"javascript:pwn()\"]{z}$$",
    r"$\mmlToken{mi}[href='javascript:pwn()',style='position:fixed']{z}$",
    r"$\cssId{qa}{x}\class{nightMode}{y}$",
    r"$\bbox[position:fixed;inset:0;background:red]{x}$",
    r"$\def\x{\href}\x{javascript:pwn()}{x}$",
    r"$\let\x=\href \x{javascript:pwn()}{x}$",
    r"$\newcommand{\x}[1]{\href{javascript:pwn()}{#1}}\x{y}$",
    r"$\require{html}\href{javascript:pwn()}{x}$",
    r"$\setOptions{x}\toggle{a}{b}\endtoggle \mathtip{a}{b} \texttip{a}{b}$",
    r"$\unicode[position:fixed]{65}\enclose{circle}[href=\"javascript:pwn()\"]{x}$",
    r"$$a \label{qa} \tag{evil} \eqref{qa}$$",
    r"$a \\) \href{javascript:pwn()}{x}$",
    r"$a \\] \href{javascript:pwn()}{x}$",
    r"$\text{a $\href{javascript:pwn()}{x}$ b}$",
    r"$\ce{\href{javascript:pwn()}{x}}$",
    r"$\color{red;position:fixed}{x}\textcolor{url(javascript:pwn())}{x}\colorbox{red}{x}$",
    r"\\(\\href{javascript:pwn()}{x}\\) and \\[\\style{position:fixed}{x}\\]",
    r"\\( { \\( } \\href{javascript:pwn()}{x}\\) \\)",
    r"\\(a **b** \\( \\href{javascript:pwn()}{x}\\)",
    r"\\(a ![{](x.png) \\href{javascript:pwn()}{x}\\)",
    r"&#92;(&#92;href{javascript:pwn()}{x}&#92;)",
    r"\\(\\hr<wbr>ef{javascript:pwn()}{x}\\) \\(\\hr<!-- -->ef{javascript:pwn()}{x}\\)",
    r"$\rule{9999em}{9999em}\raise{99em}{x}$",
)
CLOZES = (
    r"{{c1::$\href{javascript:pwn()}{x}$}} is it.",
    r"It is $\hr{{c1::ef}}{javascript:pwn()}{x}$ here.",
    r"It is $\{{c1::href}}{javascript:pwn()}{x}$ here.",
    r"It is \\(\\hr{{c1::ef}}{javascript:pwn()}{x}\\) here.",
    r"It is \\(`\\href{javascript:pwn()}{x}` {{c1::b}}\\) here.",
    r"It is {{c1::x::$\href{javascript:pwn()}{x}$}} here.",
)
TAGS = (
    r"[<b>latex]\input{/etc/passwd}[<b>/latex] and [<b>sound:x.mp3] and [<b>anki:tts lang=en_US]hi[<b>/anki:tts].",
    r"[<!-- x -->sound:x.mp3] is here.",
    r"\[[sound:x.mp3](javascript:1)\] is here.",
    r'\[[sound:x.mp3](demo:lora#scaling "= 2")\] is here.',
    r"[![](x)sound:a.mp3] is here.",
    r"[<span>sound:x.mp3]</span> [<wbr>sound:x.mp3] [<a name=x>sound:x.mp3]</a> is here.",
    r"\[**sound**:x.mp3] [*sound:x.mp3*] \[sound\:x.mp3] is here.",
    r"&#91;sound:x.mp3] &lbrack;latex]x&lbrack;/latex] [SOUND:x.mp3] [$]x[/$] [$$]x[/$$] is here.",
    r"![\[sound:x.mp3\]](p.png) <img src=p.png alt='[sound:x.mp3]'> is here.",
    r"`[sound:x.mp3]` is here.",
    "```\n[sound:x.mp3] [latex]x[/latex]\n```",
)
HINTS = (
    r"It is {{c1::x::sound:x.mp3}} here.",
    r"It is {{c1::x::latex}} y {{c2::z::/latex}} here.",
    r"It is {{c1::x::anki:tts lang=en_US}} here.",
    r"It is [{{c1::sound:x.mp3}}] and \\([{{c1::sound:y.mp3}}]\\) here.",
    r"It is [so{{c1::und:x.mp3}}] here.",
)


def built(folder: Path, *texts: str) -> Path:
    """Return the package of notes with these texts as answers and as sentences with gaps."""
    (folder / "notes").mkdir(exist_ok=True)
    (folder / "notes" / "p.png").write_bytes(PNG)
    for at, text in enumerate(texts):
        body = f"## Gap {at}\n\n{text}\n" if "{{c" in text else f"## Why is it like case {at}?\n\nBecause of {text}\n"
        (folder / "notes" / f"{at}.md").write_text(f"# Note {at}\n\n{body}")
    code, said = run(folder, "build", "notes", "-o", "o.apkg", "--density", "many")
    assert code == 0, said
    return folder / "o.apkg"
