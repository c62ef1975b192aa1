"""A line of code with a comment behind it: recall the token that the comment explains.

Before: `model.config.use_cache = False  # 禁用缓存以节省显存`. After: a cloze on `False`.
Before: `r=pc.lora_rank,  # LoRA秩` in `LoraConfig(`. After: what the parameter `r` of `LoraConfig` is.
"""

import re
from itertools import pairwise

from msgspec.structs import replace

from ankillm.common.patterns import CHINESE, HAN, has_word, regex
from ankillm.extract.code_gap import ENUM, SET, SWITCHED, gap, weight
from ankillm.extract.code_lines import CodeLine, code_lines, place_of
from ankillm.extract.concepts import CodeGap, Concept, Definition, Place, Question
from ankillm.extract.labels import split_label
from ankillm.extract.scope import Scope, is_name
from ankillm.extract.vocabulary import is_ignored
from ankillm.markdown.blocks import CodeBlock
from ankillm.markdown.sentences import joined_words

ENTRY = regex(r"^(['\"]?)(?P<target>[A-Za-z_][\w.-]*)\1\s*:\s*(?P<value>\S.*?),?$")
SHAPE = regex(r"^(?:shape\s*[:：=]?\s*)?(?P<shape>\[[A-Za-z\d_*/+-]+(?:,\s*[A-Za-z\d_*/+-]+)+\])$", re.IGNORECASE)
"""A comment that is nothing but the shape of a tensor: `[B, L, 128]`."""
DONE_FOR = regex(
    r"^(?P<what>[^，,；;]{3,30})[，,]\s*(?P<why>(?:防止|避免|为了|以免|否则|不然|to\s+(?:avoid|prevent)|otherwise)\s*[^；;]{3,50})$"
)
"""What is done, and what for: `先升到 fp32，防止平方溢出`."""
IS_SO = regex(
    r"^(?P<name>(?!True|False|None|因为|如果|一般|通常|注意(?!力)|这|那|其实|就)[^，,：:是不]{3,16})(?<![就也都才])是\s*(?P<text>[^，,：:]{1,24})$"
)
BRANCH = regex(r"(?:if|elif|else|case)\b.*:$")
OWN_SETTING = regex(
    r"^(?:self\.)?(?P<target>[a-z]\w*_\w+)\s*(?::\s*\w+\s*)?=\s*(?:-?\d[\d_.]*(?:e-?\d+)?|'[^']*'|\"[^\"]*\")$"
)
"""A setting by its name and a plain value, which says little: `self.lora_rank = 8`."""
MEANS = regex(
    rf"^(?![提增减降加设打开关])(?:{HAN}|[A-Za-z]).{{0,24}}(?:数|率|度|系数|比例|大小|个数|步数|长度|上限|下限|阈值|权重|维度|秩|名称?|路径|种子|温度|因子|间隔|频率|概率|范数|size|rate|steps?|length|ratio|factor|norm|threshold|rank|seed|number|path)$",
    re.IGNORECASE,
)
"""A comment that says what a setting is, and not why it has its value."""
NUMBER = regex(r"(?<![A-Za-z_\d])\d[\d.]*")
SETTINGS = frozenset({"yaml", "yml", "json", "toml", "ini", "json5", "jsonc"})
UNTOLD = frozenset({"dict", "list", "tuple", "set", "__init__", "print"})
"""Calls that tell nothing of their parameters."""
IDLE = regex(r"^(todo\b|fixme|xxx|=+>|->|output|输出|结果|打印|print|>>>)|^[\d\s.,:%()\[\]\-]+$", re.IGNORECASE)
LEAST_WEIGHT, ABOVE_WEIGHT = 3, 8
LONGEST_CODE, LONGEST_COMMENT = 120, 80
HIDDEN_NAME = regex(r"\W*([\w.-]*)")
LATIN = regex("[a-z]+")
VALUE_MEANS = regex(r"\s*(?:表示|代表|即|是|means|[:：=])\s*(?P<text>.+)$", re.IGNORECASE)
CHOICE = regex(r"True|False|None|(['\"])[A-Za-z_][\w./-]*\1")
DIGIT = regex(r"\d")
ENUM_VALUE = regex(ENUM)


def commented(fence: CodeBlock, scope: Scope) -> list[Concept]:
    """Return a concept for each line that has code and a comment worth asking for."""
    lines = code_lines(fence)
    told = [line for line in lines if line.code and line.comment and not IDLE.search(line.comment)]
    found = [_shaped(line, fence, scope) or _of_line(line, fence, scope) or _said(line, scope) for line in told]
    found += [_done_for(line, scope) for line in told]
    found += [_below(above, line, fence, scope) for above, line in pairwise(lines) if _is_told_above(above, line)]
    return [concept for concept in found if concept]


def _is_told_above(above: CodeLine, line: CodeLine) -> bool:
    """Whether a line of code without a comment of its own stands right below one that explains it."""
    adjacent = above.number + 1 == line.number and above.indent == line.indent
    explained = bool(above.comment) and not above.code and weight(above.comment) >= ABOVE_WEIGHT
    whole = line.code.count("(") == line.code.count(")")
    return adjacent and explained and bool(line.code) and whole and not line.comment


def _below(above: CodeLine, line: CodeLine, fence: CodeBlock, scope: Scope) -> Concept | None:
    """Return a cloze on the line below an explaining comment, which stands above it on the card."""
    told = replace(line, comment=above.comment, about="")
    concept = _of_line(told, fence, scope, above=True)
    if not isinstance(concept, CodeGap):
        return None
    head = f"{above.text}\n"
    return replace(concept, code=head + concept.code, start=len(head) + concept.start, end=len(head) + concept.end)


def _of_line(line: CodeLine, fence: CodeBlock, scope: Scope, *, above: bool = False) -> Concept | None:
    long = len(line.comment) > LONGEST_COMMENT or len(line.code) > LONGEST_CODE
    if long or IDLE.search(line.comment) or _repeats(line) or weight(line.comment) < LEAST_WEIGHT:
        return None
    place = place_of(line, scope)
    if line.owner and (match := SET.match(line.code)):
        return _parameter(line, match, fence, place, scope.subject if line.owner in UNTOLD else line.owner)
    named, said, _ = split_label(line.comment)
    if named and said and "".join(named.split()) in "".join(line.code.split()):
        return Definition(place, named, said, scope.subject)
    if name := _setting(line, fence, above=above):
        return Definition(place, name, line.comment, scope.subject)
    hidden = gap(line.code, line.comment, above=above)
    return _cloze(line, hidden, fence, place) if hidden and not _told(line, hidden, above=above) else None


def _shaped(line: CodeLine, fence: CodeBlock, scope: Scope) -> CodeGap | None:
    """Ask for the shape that a comment tells of what its line assigns."""
    shape, target = SHAPE.match(line.comment), SET.match(line.code)
    if not shape or not target:
        return None
    start = line.text.rindex(shape["shape"])
    return CodeGap(
        place_of(line, scope), line.text, start, start + len(shape["shape"]), fence.language, target["target"]
    )


def _said(line: CodeLine, scope: Scope) -> Concept | None:
    """Return what a comment says by itself: what something is, what a branch is for."""
    if (match := IS_SO.match(line.comment)) and is_name(match["name"]):
        return Definition(place_of(line, scope), match["name"], match["text"], scope.subject)
    label, text, _ = split_label(line.comment) if BRANCH.match(line.code) else ("", "", False)
    said = label and text and is_name(label) and not is_ignored(label)
    return Definition(place_of(line, scope), label, text, scope.subject) if said else None


def _done_for(line: CodeLine, scope: Scope) -> Question | None:
    """Ask why a line does what its comment says, where that says what for."""
    match = DONE_FOR.match(line.comment)
    if not match:
        return None
    what = match["what"]
    asked = joined_words("为什么", what, "？") if CHINESE.search(what) else f"{what}. Why?"
    return Question(place_of(line, scope), asked, match["why"], name=what, code=line.code)


def _setting(line: CodeLine, fence: CodeBlock, *, above: bool) -> str:
    """Return the name of the setting that a comment explains; empty for other lines."""
    entry = ENTRY.match(line.code) if fence.language in SETTINGS else None
    own = OWN_SETTING.match(line.code) if not above and MEANS.match(line.comment) else None
    match = entry or own
    return match["target"] if match else ""


def _told(line: CodeLine, gap: tuple[int, int, str], *, above: bool = False) -> bool:
    """Whether the comment gives the gap away: it holds the hidden name, or all of the name's words."""
    hidden = HIDDEN_NAME.match(line.text[gap[0] : gap[1]])
    name, said = hidden[1].lower() if hidden else "", line.comment.lower()
    words = [word for word in name.split("_") if word]
    numbers = set(NUMBER.findall(line.comment)) & set(NUMBER.findall(line.code))
    if numbers and not above and not name[:1].isdigit():
        return True
    spelled = bool(words) and all(has_word(said, word) for word in words)
    return len(name) > 1 and (name in said or spelled)


def _repeats(line: CodeLine) -> bool:
    """Whether the comment says no more than the code does: every word of it stands in the code."""
    words = set(LATIN.findall(line.comment.lower()))
    in_code = set(LATIN.findall(line.code.lower()))
    return not CHINESE.search(line.comment) and bool(words) and words <= in_code


def _parameter(line: CodeLine, match: re.Match[str], fence: CodeBlock, place: Place, whose: str) -> Concept | None:
    """Ask for a parameter's value where that is a choice by name, for its meaning otherwise."""
    target, value = match["target"], match["value"]
    if target == value:
        return None
    same = line.comment[: len(value)].lower() == value.lower()
    if same and (told := VALUE_MEANS.match(line.comment, len(value))):
        return Definition(place, f"{target}={value}", told["text"], whose)
    start = line.text.index(value, len(target))
    if value == "True" and not SWITCHED.search(line.comment) and not _told(line, (0, len(target), target)):
        start, end = 0, len(target)
    elif ENUM_VALUE.fullmatch(value):
        start, end = start + value.rindex(".") + 1, start + len(value)
    elif CHOICE.fullmatch(value):
        end = start + len(value)
    elif value[0] in "[{(" and DIGIT.search(line.comment):
        return None
    else:
        return Definition(place, target, line.comment, whose)
    if _told(line, (start, end, target)):
        return Definition(place, target, line.comment, whose)
    head = f"{line.owner}(\n    "
    code = f"{head}{line.text}\n)"
    return CodeGap(place, code, len(head) + start, len(head) + end, fence.language, target)


def _cloze(line: CodeLine, gap: tuple[int, int, str], fence: CodeBlock, place: Place) -> CodeGap:
    start, end, name = gap
    return CodeGap(place, line.text, start, end, fence.language, name)
