"""What a sentence is about by its own words, where that is another thing than the one it stands below.

`相比之下 Adam 还维护二阶矩` under SGD is about Adam, `RMSNorm 不减均值` under LayerNorm about RMSNorm. Proper names
turn a text wherever they begin a sentence, all others behind a word that sets them against what was spoken of.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from ankillm.common.patterns import BRACKETED, HAN, has_word, regex
from ankillm.extract.scope import is_generic
from ankillm.extract.title_names import KIND, SPELLED, THING, is_common
from ankillm.extract.vocabulary import POINTING, is_ignored
from ankillm.markdown.inline import plain_text
from ankillm.markdown.sentences import joined, sentences
from ankillm.markdown.spans import finditer_outside

LATIN = r"[A-Za-z][A-Za-z\d_+-]*(?:\.\d[A-Za-z\d-]*)?(?:\s[A-Z\d][A-Za-z\d_+-]*){0,3}"
NAME = rf"(?:{LATIN}(?:\s?{KIND})?|{HAN}{{2,12}}?)"
SWITCHED = regex(
    rf"^(?:那么?|而|但)?(?:如果|若是?|要是|假如|一旦|当|在)?(?:我们)?(?:[把将][^，,。：:]{{1,16}}?)?"
    r"(?:改用|换用|换成|换为|换作|改成|改为|切换到|切换为|替换[成为])了?\s?"
    rf"(?P<name>{NAME})\s?(?=(?:之后|以后|后|时|的话|来|呢|就|则)|[，,：:。？?]|$)"
)
"""What is done another way: `如果改用 LoRA：`, `换成 QLoRA 后：`."""
SWITCHED_EN = regex(
    r"^(?:(?:if|when|once|after)\s(?:(?:we|you|one)\s)?)?"
    r"(?:switch(?:ing|ed)?(?:\sover)?\sto|replac(?:e|ing)\s(?:it|this)\s(?:with|by)|mov(?:e|ing)\sto)\s(?:an?\s|the\s)?"
    r"(?P<name>[A-Za-z][\w-]*(?:\s[\w-]+){0,2}?)(?=\s?[,:.]|\s(?:we|you|one|it)\b|$)"
    r"|^(?:with|using|if\s(?:we|you|one)\suse)\s(?P<instead>[A-Za-z][\w-]*(?:\s[\w-]+){0,2}?)\sinstead\b",
    re.IGNORECASE,
)
LAST_KIND = regex(rf"(?<=[a-z\d])\s?{KIND}$")
USED = regex(
    rf"^(?:如果|若|要是|假如|当)(?:我们)?(?:使用|采用|用)了?\s?(?P<name>{LATIN})(?=\s?(?:{HAN}|[，,：:]|$))"
    r"|^(?:if|when)\s(?:we|you|one)\suses?\s(?P<used>[A-Za-z][\w-]*(?:\s[\w-]+)?)(?=\s?[,:]|$)"
    rf"|^在\s?(?P<within>(?=[^，,。]{{0,16}}[A-Z]){LATIN})\s?(?:中|里|里面|下)\s?[，,]"
    r"|^(?:with|in|under)\s(?P<with>[A-Z]\w*[A-Z\d][\w-]*)(?=\s?[,:]|$)",
    re.IGNORECASE,
)
"""A condition under which something is used besides: what is told then is told of neither alone."""
AGAINST = regex(
    r"""^(?:(?:而|但是?|不过|然而)?[，,]?\s?(?:(?:与之|与此|两者|二者)?相比之下|相较之下|对比之下|与之相[比对反]|与此相[对反]|相反地?|反观|作为对比|作为对照|不同的是)\s?[，,：:]?
      |(?:而|但)?(?:与|和|跟)[^，,。：:]{1,30}?(?:不同|相反|相对|不一样)的?(?:是)?\s?[，,]
      |(?:不同于|有别于|区别于|相比于?|相较于?|比起|与|和|跟)[^，,。：:]{1,30}?(?:相比)?\s?[，,]
      |(?:而|但是?|至于|不过|然而)\s?(?=[A-Za-z])
      |(?:它的|其)?(?:改进版本?|改进方法|变体|变种|升级版本?|后来的|后续的|替代方案)(?:是|为)?\s?(?=[A-Za-z])
      |(?:its|the|an?)\s(?:(?:improved|newer|later)\s)?(?:version|variant|successor|alternative|extension),?\s(?:is\s)?(?=[A-Z])
      |(?:(?:by|in)\s(?:contrast|comparison)|conversely|on\sthe\sother\shand|meanwhile)(?:\s(?:to|with)\s[^,.]{1,40})?,\s
      |(?:unlike|as\sopposed\sto|instead\sof|rather\sthan|compared\s(?:with|to)|in\scontrast\s(?:with|to))\s[^,.:]{1,40},\s
      |(?:but|while|whereas|however|next),?\s(?=[A-Z]))\s?""",
    re.IGNORECASE | re.VERBOSE,
)
"""What sets a sentence against what was spoken of before it."""
ADVERBIAL = (
    r"(?:则(?!是否)|却|还|也|又|都|就|更|才|不|没有?|无需|无法|只|仅|(?<!社)会|(?<![性功智可才])能|可以?|需要?|必须|是(?!否)|把|将|让|使(?!用者)|给|按"
    r"|每|再|先|(?<![服自])从|(?<![存现])在|(?<![相绝针面])对|(?<!自)由|靠|(?<![占使利应作采])用|通过|采用|使用|利用|改用|改为|改成|换成|直接|同时"
    r"|额外|保留|维护|引入|去掉|省去|省掉|取消|放弃|属于|基于|允许|支持|具有|拥有|包含|有(?!关|些|的)|依赖|根据|避免|减少|降低|提高)"
)
"""What a predicate begins with in Chinese."""
VERBS = (
    r"(?:计算|训练|冻结|学习|预测|生成|比|以|保护|选择|压缩|丢弃|忽略|合并|切分|拆分|共享|复用|更新|调整|缩放|旋转|约束|限制|惩罚|鼓励"
    r"|最[小大]化|近似|估计|插入|加入|添加|堆叠|混合|激活|重算|遮住|抽取|考虑|关注|接收|构造|构建|修改|替换|推广|克服|解决|缓解)(?=[^：:])"
)
"""What is a predicate behind a name in Latin letters, and behind one in Chinese may be its second half."""
TOLD_ZH = regex(
    rf"^(?P<name>{LATIN}(?:\s?{KIND})?(?=\s?{VERBS})|{NAME})\s?(?:{BRACKETED}\s?)?(?={ADVERBIAL}|(?<=[A-Za-z\d])\s?{VERBS})"
)
CONTRASTS_ZH = regex(r"^\s?(?:则(?!是否)|却|改用|改为|改成|反而)")
"""What sets the subject before it against another: `BERT 则是双向的`."""
BE = r"(?:is|are|was|were|can|cannot|has|have|had|does|do|will|would|must|should|may|might|needs?)"
TOLD_EN = regex(
    rf"^(?:the\s)?(?P<name>[A-Z\d][A-Za-z\d+.-]*(?:\s[A-Za-z\d+-]+){{0,3}}?)(?:\s\([^()]*\))?(?P<against>,\s(?:by\scontrast|in\scontrast|on\sthe\sother\shand|however|instead),)?"
    rf"\s(?:instead\s|also\s|only\s|simply\s)?"
    rf"(?:{BE}(?:n['’]t)?\b|(?!this\b|its\b|thus\b|as\b|us\b|always\b)[a-z]+(?:[^s\W]s)\b(?!\s(?:{BE}|of|and|or)\b))"
)
SETS_AGAINST = regex(
    r"^[^，,。]{2,24}?(?:则(?!是否)|却|改用|改为|改成|反而)|\bby\scontrast\b|\bon\sthe\sother\shand\b", re.IGNORECASE
)
INSTEAD = regex(r"\binstead\b(?!\sof)", re.IGNORECASE)
NO_THING = frozenset(
    """
    gpu gpus cpu cpus tpu npu api llm llms nlp ai ml hbm sram cuda openai google meta deepmind microsoft nvidia
    huggingface anthropic pytorch tensorflow python tokens token softmax attention transformers dl rl
    """.split()
)
"""What is no method that properties could be told of: devices, those who made it, what all notes are about."""
MADE = regex(r"^(?:于|提出|发布|开源|推出|proposed|released|introduced)")
WHEN = regex(
    r"[时后前中里下上]$|^(?:所有|每个|这|那|该|其|本|一般|通常|因此|所以|于是|首先|其次|最后|例如|比如|为了|由于|因为|虽然|我们|大家|训练|推理|模型|方法|参数|数据|结果|实验|作者|用户|这样)"
)
"""What begins a sentence and is no name: a time, a place, what joins."""
ENDS_AS_NAME = regex(rf"(?:{THING.pattern}|{KIND}|优化|训练法)$")
MEASURE = regex(
    r"(?:[量率度数性值比]|成本|开销|占用|效果|速度|能力|时间|质量|显存|内存|参数|结果|误差|需求|规模|范围|大小|长度|复杂|思路|做法|目标|优势|优点|缺点)$"
)
"""What a thing has more or less of than another: set against that, the sentence still is about the thing."""
PARALLEL = regex(
    rf"[，,；;]\s*(?=(?P<name>{LATIN})(?:\s?{KIND})?\s?(?:的[^，,；;。：:的是]{{1,8}}|[^，,；;。：:的是]{{1,6}}的)?(?:则|就)?是(?!否))"
)
"""Where a clause says of another name what the one before says of the first: `A 的访问量是 …，B 是 …`."""
NEXT_LETTER = regex(
    r"(?:\s*[,;，；、]\s*(?:and\s+)?|\s+and\s+|\s*[和与]\s*)\$[^$]{1,30}\$\s*(?:(?:is|are|the|an?)\s|[是为](?!否)|表示|代表)"
)
"""Where a legend goes on to the next letter: `… , $n$ the number of heads`."""
NEXT = regex(
    r"^(?:那么?|好了?|最后|然后)?[，,]?(?:(?:接下来|下面|下一[节章步])[，,]?(?:我们|让我们|咱们?|就|再|来|先|将|会)*"
    r"|(?:接着|然后|现在)[，,]?(?:我们|让我们|咱们?|再来|来)+(?:就|再|先|将|会)*)(?:看|介绍|讨论|讲|说|聊|谈|了解|学习|进入|转向)"
    r"|^(?:我们|让我们|咱们?)(?:再|接着)?来?看|^再来看|^下一[节章]"
    r"|^(?:(?:next|now|then|finally)(?:\sup)?,?\s)?(?:let(?:['’]s|\sus)|we(?:['’]ll|\swill|\snow)?)\s(?:now\s|next\s)?"
    r"(?:look\sat|turn\sto|move\s(?:on\s)?to|see\show|consider|discuss|introduce|go\s(?:on\s)?to|talk\sabout)\b"
    r"|^next(?:\sup)?(?:,\s(?:we|let|comes?|is)\b|\sis\b|\scomes?\b)",
    re.IGNORECASE,
)
"""How a sentence begins that leads on to the next topic: `接下来我们看 …`, `Next, let us look at …`."""
SHORTEST_NAME = 2
SAME = frozenset("模型 方法 算法 该方法 该模型 前者 后者 两者 二者 the it".split())


def told_of(sentence: str, known: Sequence[str], *, set_against: bool = False) -> str | None:
    """Return which other thing than those known a sentence turns to; if wanted only one that it sets against them.

    `known` are the names of what it stands below. Empty: it turns to something that has no plain name here. None: it
    speaks of what is known, or of nothing that is named.
    """
    said = plain_text(sentence).strip().lstrip("-–—•>·→ ").strip()
    if used := USED.match(said):
        name = next(filter(None, used.groups()))
        return "" if SPELLED.search(name) and not is_known(name, known) and name.lower() not in NO_THING else None
    if switched := SWITCHED.match(said) or SWITCHED_EN.match(said):
        groups = switched.groupdict()
        return _other(groups["name"] or groups.get("instead") or "", known, strict=True)
    against = AGAINST.match(said)
    clause = said[against.end() :] if against else said
    if set_against and not sets_against(said):
        return None
    return _told(clause, known, against=against is not None)


def sets_against(sentence: str) -> bool:
    """Whether a sentence says that it is about another thing than the one before."""
    return any(one.search(sentence) for one in (AGAINST, SWITCHED, SWITCHED_EN, INSTEAD, SETS_AGAINST))


def switched_to(title: str, known: Sequence[str]) -> str | None:
    """Return what a title that is a condition turns to, as `told_of` does: `如果改用束搜索`."""
    return told_of(title, known) if any(one.match(title) for one in (SWITCHED, SWITCHED_EN, USED)) else None


def own_part(text: str, known: Sequence[str] = ()) -> str:
    """Return the sentences of a paragraph up to the one that leads on to what comes next, or turns to another thing."""
    parts = sentences(text) if "\n" not in text else ()
    for at, part in enumerate(parts):
        if at and (NEXT.match(plain_text(part)) or (known and told_of(part, known, set_against=True) is not None)):
            return joined(parts[:at])
    return text


def own_letter(text: str) -> str:
    """Return what is said of a letter of a formula up to the next letter: `the layers, $n$ the number of heads`."""
    after = NEXT_LETTER.search(text)
    return text[: after.start()].rstrip() if after and after.start() else text


def own_clauses(text: str, known: Sequence[str]) -> str:
    """Return the clauses of what is said of something up to the one that says it of another name."""
    for match in finditer_outside(PARALLEL, text):
        if "是" in text[: match.start()]:
            break  # what it is told of is named by the text itself
        if _is_spelled(match["name"]) and _other(match["name"], known, strict=True):
            return text[: match.start()].rstrip()
    return text


def speaks_of(sentence: str, known: Sequence[str]) -> bool:
    """Whether a sentence begins with one of the names that are known, or with a word for it."""
    said = plain_text(sentence).lower()[:60]
    return any(name.lower() in said for name in known)


def _told(said: str, known: Sequence[str], *, against: bool) -> str | None:
    """Return the other thing that a clause begins with."""
    if chinese := TOLD_ZH.match(said):
        name, behind = chinese["name"].strip(), said[chinese.end() :]
        contrasted = against or bool(CONTRASTS_ZH.match(behind))
        latin = name[0].isascii()
        if MADE.match(behind) or not (_is_spelled(name) or (contrasted and (latin or ENDS_AS_NAME.search(name)))):
            unnamed = against and not latin and len(name) > SHORTEST_NAME
            return "" if unnamed and not (WHEN.search(name) or POINTING.match(name) or MEASURE.search(name)) else None
        return _other(name, known, strict=contrasted)
    english = TOLD_EN.match(said)
    if not english:
        return None
    contrasted = against or bool(english["against"] or INSTEAD.search(said))
    name = english["name"]
    if MADE.match(said[english.end() :].lstrip()) or not (contrasted or (_is_spelled(name) and " " not in name)):
        return None
    return _other(name, known, strict=contrasted)


def _is_spelled(name: str) -> bool:
    """Whether a name is spelled as one, and needs no word that sets it against others."""
    first = name.split(" ", 1)[0]
    return name[0].isascii() and bool(SPELLED.search(first)) and first[:1].isalpha()


def _other(name: str, known: Sequence[str], *, strict: bool) -> str | None:
    """Return a name that is none of those known, as such; None where it is one of them, or names nothing."""
    lowered = name.lower()
    if lowered in NO_THING or lowered in SAME or lowered.split(" ", 1)[0] in NO_THING or WHEN.search(name):
        return None
    if POINTING.match(name) or is_common(name) or is_generic(name) or is_ignored(name):
        return None
    return None if not known or is_known(name, known, strict=strict) else name


def is_known(name: str, known: Sequence[str], *, strict: bool = False) -> bool:
    """Whether a name is one of those known: as it is, as a part of one, by its first letters, or in its brackets.

    Where it is not set against them (`strict`) also one that has a known name within it: `BERT-large`.
    """
    return any(_is_same(name.lower(), one.lower(), strict=strict) for one in known)


@lru_cache(maxsize=1024)
def _is_same(name: str, known: str, *, strict: bool) -> bool:
    name = LAST_KIND.sub("", name)
    if _within(name, known) or (not strict and _within(known, name)):
        return True
    if name.endswith("s") and name.isascii() and len(name) > 2:  # noqa: PLR2004  (more than a letter)
        return _is_same(name[:-1], known, strict=strict)
    return _shortens(name, known) or _shortens(known, name)


def _within(part: str, whole: str) -> bool:
    """Whether a name has another within it, from a word's start to a word's end in Latin: `LLaMA` in `LLaMA1`."""
    if not part.isascii():
        return part in whole
    return has_word(whole, part, lambda sign: sign.isascii() and (sign.isalpha() or sign == "_"))


def _shortens(short: str, long: str) -> bool:
    """Whether a name without a space is short for one with several words: `LoRA`, `Low-Rank Adaptation`."""
    words = long.replace("-", " ").split()
    if " " in short or len(words) < 2 or not long.isascii() or short[:1] != words[0][:1]:  # noqa: PLR2004  (two)
        return False
    letters = iter("".join(words))
    return all(letter in letters for letter in short.replace("-", ""))
