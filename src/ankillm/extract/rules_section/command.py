"""A description with the command that does it right below, as cheat sheets have them.

Before: `* List all pods` over a fence with `kubectl get pods`; `# 合并权重` over `model.merge_and_unload()` within one.
After: how that is done, the command its answer.
"""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from ankillm.common.patterns import CHINESE, has_word, one_of, regex, without
from ankillm.extract.code_lines import words_of
from ankillm.extract.concepts import Concept, Place, Question
from ankillm.extract.prose import statements
from ankillm.extract.scope import Scope
from ankillm.extract.title_names import LATIN, SPELLED
from ankillm.extract.vocabulary import is_question, listed
from ankillm.markdown.blocks import Block, CodeBlock, Directive, List, Paragraph, Quote, Section
from ankillm.markdown.inline import plain_text
from ankillm.markdown.sentences import joined_words

SHELLS = frozenset("bash sh shell zsh console powershell bat cmd shell-session shellsession terminal".split())
PROGRAMS = frozenset({"python", "python3", "py", "sql", "mysql", "r", "julia", "dockerfile"})
TOOL = regex(
    r"(?:[$>]\s+|(?:sudo|nohup|time|watch(?:\s-n\s?\d+)?)\s+|[A-Z_]+=\S+\s+)*+(?P<tool>[A-Za-z][\w.+-]*)(?=\s|$)(?P<rest>.*)"
)
"""A line of a shell: what is called, behind its prompt and what is set for it."""
KNOWN = frozenset(listed("en", "tools"))
"""Commands that tell a fence without a language from data and from output."""
TRIVIAL = regex(
    r"(?:cd|ls|mkdir|cp|mv|rm|cat|echo|source|export|touch|which|exit|clear|make|vim?|nano|open|code|chmod|tree|pwd|set"
    r"|conda activate|git (?:clone|add|commit|push|pull|status)"
    r"|(?:pip3?|conda|npm|yarn|apt(?:-get)?|brew|poetry|uv) (?:install|add|sync|i|pip install|run))\b"
    r"|(?:python3?|bash|sh|node|uv run|npx|streamlit run|pytest)\s+(?:-u\s+)?[\w./-]+(?:\s|$)|\./|curl\s.*localhost",
)
"""What everyone knows, or what only starts a program of somebody's own."""
IDLE = regex(r"(?:import|from|print|def|class|for|if|with|return|assert|try|@|>>>|\.\.\.|<|\{|\[|\}|\))")
DOES = regex(
    r"[\w.\]]+\s*\(|\w\s=\s|^\s*(?:select|insert|update|delete|create|alter|drop|show|explain|grant|set)\b",
    re.IGNORECASE,
)
"""A line of a program that does something by itself."""
CALLED_ZH = r"(?:命令|指令|代码|语句|方法|方式|写法|脚本|操作)"
TAIL_ZH = regex(
    r"(?:[，,]?(?:可以|需要|只需|请)?(?:使用|用|通过|运行|执行|输入)?(?:以下|下面|如下|这个)的?"
    rf"{CALLED_ZH}?(?:如下|为|是|即可)?|的?{CALLED_ZH}(?:如下|为|是)?|如下)?[：:。.]*$"
)
HEAD_ZH = regex(
    r"(?:(?:可以|我们|然后|接着|首先|最后|其次|再|先|例如|比如|如果(?:要|想)|想要?|要)[，,]?)*"
    rf"(?:(?:使用|用|通过|运行|执行)(?:以下|下面|如下)的?{CALLED_ZH}(?:来|可以)?)?"
)
DOES_ZH = regex(
    rf"(?:{one_of((*listed('zh', 'orders'), *listed('zh', 'done')))})(?![的性])\s?[^，,：:；;。]+(?<!方案)$"
)
HEAD_EN = regex(
    r"(?:(?:to|you can|we can|you may|let us|let['’]s|now|then|first|next|finally|please|if you want to"
    r"|in order to),?\s+)*",
    re.IGNORECASE,
)
TAIL_EN = regex(
    r",?\s*(?:\b(?:by|with|using|via|you can|we can|simply|just)\b\s*)*"
    r"(?:\b(?:run(?:ning)?|use|type|execute|enter|do)\b)?\s*"
    r"(?:\b(?:the following|this|these|following|as follows|below)\b\s*)*"
    r"(?:\b(?:command|code|commands|line|snippet)\b)?\s*[:：.]*$",
    re.IGNORECASE,
)
DOES_EN = regex(
    r"(?!(?:note|see|let|remember|consider|use|try|do|write|watch|train|make|\w+ing)\s)"
    rf"(?:{one_of((*listed('en', 'orders'), *listed('en', 'done')))})\s[^:;,]+$",
    re.IGNORECASE,
)
STATES = regex(r"需要|使用的是|称为|也就是|\b(?:is|are|can|should|must|need)\b", re.IGNORECASE)
"""What a description holds that states something, and orders nothing."""
POINTS = regex(
    r"以下|如下|下面|上面|上述|这[个些里]|\b(?:this|that|these|above|below|following|it|them)\b", re.IGNORECASE
)
MOST_LINES, LONGEST, SHORTEST_ACTION, LONGEST_ACTION = 3, 160, 4, 80


class Spot(Struct, frozen=True):
    """A fence, where it stands, and how its author steers it."""

    fence: CodeBlock
    scope: Scope
    directive: Directive


def commands(section: Section, scope: Scope) -> Iterator[Concept]:
    """Yield the commands of a section, each with what describes it."""
    alone = len(section.blocks) == 1
    yield from _among(section.blocks, section.title if alone else "", scope, section.directive)


def _among(blocks: Sequence[Block], said: str, scope: Scope, around: Directive) -> Iterator[Concept]:
    for block in blocks:
        directive = block.directive.within(around)
        if directive.skip:
            said = ""
            continue
        match block:
            case CodeBlock():
                spot = Spot(block, scope, directive)
                yield from list(_commented(spot)) or _asked(_last_sentence(said), block.code, block.line, spot)
                said = ""
            case List():
                for item in block.items:
                    yield from _among(item.blocks, "", scope, item.directive.within(directive))
                last = block.items[-1] if block.items else None
                said = last.text if last and not last.rest else ""
            case Quote():
                yield from _among(block.blocks, "", scope, directive)
                said = ""
            case Paragraph():
                said = block.text
            case _:
                said = ""


def _last_sentence(text: str) -> str:
    spans = statements(text)
    return text[slice(*spans[-1])].strip() if spans else ""


def _commented(spot: Spot) -> Iterator[Concept]:
    """Yield the commands in a fence of a shell that stand below a comment each."""
    if spot.fence.language not in SHELLS:
        return
    comment, command, line = "", list[str](), 0
    for offset, text in enumerate([*spot.fence.code.split("\n"), ""]):
        if text.startswith("#") or not text.strip():
            yield from _asked(comment, "\n".join(command), line, spot) if command else ()
            comment, command = (words_of(text) if text.strip() else ""), []
        else:
            line = line if command else spot.fence.first + offset
            command.append(text)


def _asked(said: str, code: str, line: int, spot: Spot) -> Iterator[Question]:
    """Yield how what a description says is done, if a command of few lines does it."""
    fence, scope = spot.fence, spot.scope
    code = code.strip()
    told = plain_text(said).strip()
    tool = _tool(code, fence.language)
    if tool is None or is_question(told):
        return
    action, chinese = _action(told)
    if not action:
        return
    end = fence.end if line == fence.line else line + code.count("\n")
    place = Place(scope.path, line, end, spot.directive, rule="command")
    answer = f"```{fence.language}\n{code.removeprefix('$ ')}\n```"
    named = tool or (LATIN if chinese else SPELLED).search(action)
    name = scope.subject if not named and LATIN.search(scope.subject) else ""
    if named or name:
        yield Question(place, _worded(action, tool, name, chinese=chinese), answer, name=action)


def _worded(action: str, tool: str, name: str, *, chinese: bool) -> str:
    """Ask how something is done with a tool, or else with what the note is about."""
    tool = "" if has_word(action.lower(), tool.lower(), str.isalnum) else tool
    if chinese:
        asked = joined_words("怎样用", tool, f"{action}？") if tool else joined_words("怎样", f"{action}？")
        return asked if tool or not name else joined_words(f"{name}：", asked)
    asked = f"How do you {action}{f' with {tool}' if tool else ''}?"
    return asked if tool or not name else f"{name}: {asked[0].lower()}{asked[1:]}"


def _tool(code: str, language: str) -> str | None:
    """Return what is called by a command, empty where a program names it itself; None where code is no command."""
    lines = [line for line in code.split("\n") if line.strip()]
    joined = " ".join(line.rstrip("\\ ").strip() for line in lines)
    continued = all(line.rstrip().endswith("\\") for line in lines[:-1])
    if not lines or len(joined) > LONGEST or len(lines) > (2 * MOST_LINES if continued else 1):
        return None
    if language in PROGRAMS:
        return None if IDLE.match(joined) or not DOES.search(joined) or joined.endswith((":", ",", "(")) else ""
    called = TOOL.match(joined)
    if not called or (language not in SHELLS and (language or called["tool"] not in KNOWN)):
        return None
    command = f"{called['tool']}{called['rest']}"
    told = called["rest"].strip() or called.start("tool")
    return None if TRIVIAL.match(command) or not told else called["tool"]


def _action(told: str) -> tuple[str, bool]:
    """Return what a description says is done, empty where it is nothing, and whether it is in Chinese."""
    chinese = bool(CHINESE.search(told))
    if chinese:
        action = TAIL_ZH.sub("", without(HEAD_ZH, told), count=1).strip(" ，,：:。")
    else:
        action = TAIL_EN.sub("", without(HEAD_EN, told), count=1).strip(" ,:.")
        action = f"{action[:1].lower()}{action[1:]}"
    does = (DOES_ZH if chinese else DOES_EN).match(action)
    fits = SHORTEST_ACTION <= len(action) <= LONGEST_ACTION and not (POINTS.search(action) or STATES.search(action))
    return (action, chinese) if does and fits else ("", chinese)
