"""Lines of words, `code` and **bold** alone, taken apart without the parser, which takes 30 times as long for them.

Most lines of notes are such lines. Whatever else a line holds leaves it to the parser; a test holds both against
each other over random lines.
"""

from ankillm.patterns import regex

SIGNS = r"\\`*_{}\[\]<>!~$&|#\n\t"
"""What can mean something inside of a line."""
SIGN = regex(f"[{SIGNS}]")
MARKED = regex(
    # Bold starts and ends with a letter or digit: then the signs around it can be nothing but its own. What must not
    # stand before a mark is looked for behind its first sign, which the search can then jump to.
    rf"(`(?<!``)[^`\s](?:[^`\n]*[^`\s])?`(?!`)|\*(?<!\*\*)\*[^\W_](?:[^{SIGNS}]*[^\W_])?\*\*(?!\*))"
)


def parts(line: str) -> list[str] | None:
    """Return words, a marked part with its signs, words, and so on; None if the parser has to look at the line."""
    found = MARKED.split(line)
    return None if SIGN.search("".join(found[::2])) else found


def content(part: str) -> str:
    """Return a marked part without its signs."""
    return part[1:-1] if part[0] == "`" else part[2:-2]


def plain(found: list[str]) -> str:
    """Return the parts of a line as plain text."""
    return "".join([content(part) if at % 2 else part for at, part in enumerate(found)]).strip()
