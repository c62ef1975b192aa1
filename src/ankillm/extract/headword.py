"""The thing that a title or label names, as it is called within a sentence: `一，内置回调函数` → 内置回调函数.

What numbers, introduces or asks is left out: `Week 2: Introduction to LoRA` → LoRA, `消息队列有什么优缺点` → 消息队列.
A title that orders (`Reduce the batch size`), states or announces something names nothing.
"""

import re
from functools import lru_cache

from ankillm.common.patterns import one_of, regex
from ankillm.extract.vocabulary import listed, without_what_is

COUNT = r"[一二三四五六七八九十\d]{1,3}"
NUMBERED = regex(
    rf"""^(?:{COUNT}(?:[-.]\d{{1,3}})*)\s*[、，,.．:：)）]\s*(?=\S)
    |^(?:第\s?{COUNT}\s?(?:章|节|部分|步|阶段|讲|天|周|课|篇)
      |(?:{one_of(listed("zh", "counted"))})\s?{COUNT})\s*[、，,：: ]\s*(?=\S)
    |^(?:(?:{one_of(listed("en", "counted"))})s?\s*\d+(?:\s+to\s+\d+)?\s*)+[:：.\s–—-]+(?=[^\W\d])
    |^\d+\.\d+(?:\.\d+)*\s+(?=\S) | ^[A-Z][.、)]\s+(?=\S)
    |^[ivx]{{1,4}}[.)]\s+(?=\S)""",
    re.IGNORECASE | re.VERBOSE,
)
"""How titles count: `5-8,回调函数`, `步骤三：提取QA对`, `Course 4 Week 2: Summarization`."""
LETTERED = regex(r"^\d[acefgh]\s+(?=[A-Z])")
"""A number with a letter, `2a Gene Expression`; no size or dimension: `7b`, `3d`."""
INTRODUCED = regex(
    r"""^(?:(?:an?\s+|the\s+)?(?:[a-z]+\s+)?(?:introduction|intro|overview|guide|primer|summary|review|recap)\s+(?:to|of|on)
    |introducing|understand(?:ing)?|explor(?:e|ing)|all\s+about|about|notes?\s+(?:on|about)|dealing\s+with|working\s+with
    |getting\s+started\s+with|the\s+basics\s+of|using|why\s+(?:do\s+we\s+)?(?:need|use)
    |how\s+to\s+(?:use|calculate|compute|measure|choose|train|tune|configure|implement|build))\s+(?:the\s+|an?\s+)?(?:basics\s+of\s+(?:the\s+)?)?(?=\S)""",
    re.IGNORECASE | re.VERBOSE,
)
TRAILED_EN = regex(
    r"\s+(?:(?:technical|study|reading|lecture|course|class|interview|quick|personal|research|paper|key)\s+)?"
    rf"(?:{one_of(listed('en', 'kinds'))}|--?\s+wiki"
    r"|to\s+(?:generate|build|train|make|create|get|use|solve|improve|run|find|measure|reduce)\s.*)$",
    re.IGNORECASE,
)
KINDS_ZH = listed("zh", "kinds")
TRAILED_ZH = regex(
    rf"(?:(?<=[\w)）]{{2}})|(?<=[-–—]\s))(?!(?<={one_of(listed('zh', 'learning'))})学习)\s{{0,3}}(?:的)?"
    rf"(?:(?:基本|学习|原理|全面|完全|快速|简单)?(?:{one_of(KINDS_ZH)})"
    r"|(?:基本|原理|全面|完全|快速|简单|深度|深入|通俗|源码|论文|综合|阅读|理论|实现|总结|技术){1,2}"
    rf"(?:{one_of((*(kind for kind in KINDS_ZH if kind != '学习'), '报告'))}))$"
)
OF_WHAT = regex(
    r"""(?P<head>.{2,30}?)(?:都|各自|分别|之间)?\s*
    (?:有(?:什么|哪些|何|啥|几[个种])|是(?:什么|如何|怎[么样]|怎样)|怎么[样用]?$|如何[^\s]{2,4}$|为什么|由哪|包括哪|包含哪|分为哪).*$""",
    re.VERBOSE,
)
"""A question in Chinese, behind what it is about."""
NEEDED = regex(
    r"""^(?:我们)?(?:为什么|為什麼|为何)(?:需要|要|使用|要用|用|要有|有|引入|提出|會|会)?\s*
    (?P<head>(?![是会不最很要能都这那])\S.{1,20}?)[？?]?$""",
    re.VERBOSE,
)
AND_WHAT = regex(
    r"^(?:那么?|至于)?\s?(?P<head>(?!为|怎|如何|什么|谁|哪|我|你)[^，,。？?]{2,24}?)(?:又?(?<![会是该要得能])怎么?样呢?|呢)[？?]?$"
)
"""A question that only names what it is about: `KV 量化呢？`."""
WORKS = regex(
    r"""^how\s+(?:do|does|is|are)\s+(?:the\s+|an?\s+)?
    (?P<head>.{2,40}?)(?:\s+(?:work|works|evaluated|trained|used|differ|learn)\b.*)?$""",
    re.IGNORECASE | re.VERBOSE,
)
ORDER = regex(
    rf"^(?!(?:load|sample|test|plot|merge|split)\s[a-z]{{4,}}(?<!us)ing$)(?:{one_of(listed('en', 'orders'))})\b(?!-)",
    re.IGNORECASE,
)
"""A title that orders; with a gerund behind a word that is a noun too it names: `Load balancing`."""
ORDER_ZH = regex(rf"^(?:如何|怎么|怎样)?(?:{one_of(listed('zh', 'orders'))})(?P<name>\s*`?[A-Za-z][\w.+/-]*`?)?.*$")
"""What tells of doing something, before what it is done to: `定义LoraConfig`."""
CLAUSE = regex(
    r"""[，,；;。！!]\s*\S|(?:常常|往往)[^，,。]{2,6}$|了(?!解)|^[在当如若不对从这那由因把将用与和为给让其但]|如下|以下|下[面图列]|我们|你|大家|[会能]被|被.{2,}
    |^(?:假设|考虑|例如|比如|关键在于|可以|应该|需要|建议|我的?)|进行.*操作|(?:可以|能够|应该|必须).|(?:不同|包括|包含|在于|有|是|为|等|设为.*)$
    |\b(?:is|are|was|were|can|should|will|has|have|had|does|do|we|you|your|our|my|here|there|what|which|these|this)\b
    |\b(?!as\b|vs\b|across\b|towards\b)[a-z]{3,}s\s+(?:an?|the|it|all|no|only|each|every|more|less|its|their)\b
    |[a-z]{3,}ed\s+(?:across|to|the|from|by|in|another|both|a|an|as|one|and)\b|\bmattered$|\.\.\.|…
    |\s(?:belongs?|refers?|leads?|applies|relates?|goes|adds?|maps?)\s(?:to|into|from|with|for|by|on)$
    |\s(?:with|of|for|to|by|from|into|at)$|^(?:利用(?!率)|通过(?!率)|借助).{4}
    |\s(?:depends?|relies|consists|suffers|benefits|differs?|results?)\s(?:on|of|from|in|with)$""",
    re.IGNORECASE | re.VERBOSE,
)
"""What states, points or announces."""
FOLLOWED = re.escape("*")
ANYTHING = one_of((*listed("zh", "unnamed"), *listed("en", "unnamed"))).replace(FOLLOWED, ".*")
COUNTED = one_of(("图", "表", *listed("zh", "counted"), *listed("en", "counted")))
UNNAMED = regex(rf"^(?!{one_of(listed('zh', 'named'))})(?:{ANYTHING}|[a-z]|(?:{COUNTED})\s*\d+)$", re.IGNORECASE)
"""Titles under which anything may stand, or that count."""
WHOLE_UNNAMED = frozenset(listed("zh", "unnamed"))
CODED_FIRST = regex(
    r"^(?:[\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff\U0001F000-\U0001FAFF\ufe0f\u200d·•]\s*+|[-–—+]\s++)*+"
    r"(?:\d{2,3}-(?![位维层头步个])(?=[A-Z\u4e00-\u9fff].*[\u4e00-\u9fff]))?(?:[LQ]\d{1,3}\s{0,3}(?:[·|]|\s[-–—]\s)\s{0,3})?(?=\S)"
)
"""Bullets, pictures and the number of a lesson, before what it is about: `L06 · 词嵌入`."""
DATED_FIRST = regex(r"^(?:19|20)\d\d[-./年]\s?\d{1,2}月?(?:[-./]?\s?\d{1,2}日?)?\s*[:：]?\s*(?=\S)")
"""The day on which something was written down: `2021-1-28 chapter 2`."""
CITED_FIRST = regex(r"^\[[^\[\]]{0,40}(?:19|20)\d\d[^\[\]]{0,40}\]\s*(?=\w)")
"""When and where a thing was published, before its name: `[2019 AAAI] DeRPN`."""
EXAMPLE_FIRST = regex(
    r"^(?:例如|比如说?|譬如|举例[：:]|以(?=.+为例$)|e\.g\.,?|for\s(?:example|instance),?)\s*(?=[A-Za-z])", re.IGNORECASE
)
"""What makes a name an example: `例如 Mixtral 8x7B`."""
EXAMPLE_LAST = regex(r"(?<=[A-Za-z\d])\s*为例$")
QUOTES = regex(r"^(?:[\"“「《'`*]+)(?P<inside>[^\"“”「」《》`*]+)(?:[\"”」》'`*]+)$")
COUNTED_PART = (
    r"(?:Task|Concept|Stage|Article|Part|Exercise|Chapter|Section|Lab|Video|Neuron|Step|Case|Example|Figure|Table|Appendix|Problem"
    r"|Module|Unit|Lesson|Session|Day|Week)s?\s(?:\d[\d-]*|[A-Z]|[IVX]+|One|Two|Three|Four)"
)
NAMED_FIRST = regex(
    rf"^(?P<name>[A-Za-z][\w.+-]*(?:/[A-Za-z][\w.+-]*)?|(?!{COUNTED_PART}\b)(?!(?:Quick\sStart|(?:Research\s|Interview\s)?Questions?)\s*:)"
    r"[A-Z][\w.+-]*(?:\s[A-Z\d][\w.+-]*){1,3}|(?=[^:：]*[\u4e00-\u9fff])[^:：]*+)\s*[:：]\s*\S.*$"
)
"""A name before what it is short for, or before what is told of it: `LoRA: Low-Rank Adaptation of …`."""
TOLD = regex(
    r"^(?P<name>[^\s—–-][^—–]{1,30}?)(?:\s(?:—{1,2}|–{1,2})\s|——)\s*(?=.{0,60}[\u4e00-\u9fff])\S.*$"
    r"|^(?P<is>[A-Za-z][\w.+-]*(?:\s[\w.+-]+){0,2}?|(?!什么|这|那|它)[\u4e00-\u9fff]{2,10}?)"
    r"\s*(?:也|就|其实|本质上)?(?<!不)是一[种个类项套款].+$"
)
"""A name before what a title tells of it behind a dash, or says that it is: `Mem0 — 工程化全家桶`, `X 是一种方法`."""
COUNTED_ZH = regex(
    r"(?:坑|问题|报错|错误|案例|例子?|场景|实验|题目?|疑问|经验|教训|事故)\s?[\d一二三四五六七八九十]{1,3}"
)
"""What counts troubles and the like, and names none: `坑 3`."""
COUNTS = regex(rf"(?:[\u4e00-\u9fff]\s?|[A-Z][a-z]+\s)(?:\d[\d-]*|[一二三四五六七八九十]+)$|^{COUNTED_PART}$")
"""A name that only counts: `优化 3`, `模块三`, `Lab 2`."""
EXPLAINED = regex(r"\s{0,3}[（(](?=[^（()）]*[\u4e00-\u9fff])[^（()）]{7,60}[)）]$")
"""What a title says of its name in brackets: `谱图打分（从 cosine 往上走）`."""
KIND_FIRST = regex(
    rf"^(?:\w+\s)?(?:{one_of((*listed('en', 'documents'), *listed('zh', 'documents')))})\s*\w?\s*[:：]\s*",
    re.IGNORECASE,
)
"""What a document is, before its name: `Paper guide: Attention Is All You Need`."""
ROLE_ZH = (
    r"(?:改进版?|改良|对比|对照|变体|变种|替代(?:方案|方法|做法)?|扩展|延伸|拓展|升级版?|备选(?:方案)?|进阶"
    r"|更[好优]的?(?:选择|方案|做法))"
)
ROLE_EN = (
    r"(?:alternatives?|variants?|extensions?|improvements?|improved\sversion|comparison|contrast|successor"
    r"|better(?:\s(?:choice|alternative))?)"
)
ROLE_FIRST = regex(
    rf"^(?:[^：:，,。]{{1,20}}?的|进一步的?|另?一种|后续的?)?{ROLE_ZH}(?:方法|方案|模型|\s?\d)?\s*(?:[:：]|\s[-–—]+\s|——)\s*(?=\S)"
    rf"|^(?:an?\s|the\s)?{ROLE_EN}(?:\s(?:to|of|over)\s[^:]{{1,24}}|\s\d)?\s*(?::|：|\s[-–—]+\s)\s*(?=\S)"
    r"|^(?:vs\.?|versus)\s+(?=[A-Za-z\u4e00-\u9fff])",
    re.IGNORECASE,
)
"""What a thing is to the one above it, before its name: `改进：ALiBi`, `Alternative: ALiBi`, `vs. GRU`."""
IN_TIME = regex(r"\s*[（(]\s*\d[\d\s–~-]*(?:min(?:ute)?s?|h(?:ou)?rs?|分钟|小时)\s*[)）]$", re.IGNORECASE)
"""How long a part is to take, behind its title: `Architecture (2-3 minutes)`."""
SPELT_OUT = regex(r"(?P<name>[A-Z][A-Za-z\d]*[A-Z\d]),\s(?P<words>[A-Z][\w-]*(?:[\s-][A-Za-z][\w-]*){1,6})$")
"""A short name before the words that it is made of: `SWT, Stroke Width Transform`."""
OF_KIND = regex(r"[A-Za-z]+-(?:specific|wise|level|based|related|dependent)")
"""What kind of thing a title speaks of, its noun cut off: `Row-specific notes`."""
JOINING = frozenset("a an and as at by for from in of on or the to with".split())
PATH = regex(r"^[\w.-]+(?:/[\w.-]+){2,}$|^\S*\.(?:py|md|ipynb|sh|json|ya?ml)$")
LATIN = regex(r"[!-~]")
PAIRS = (("(", ")"), ("（", "）"), ("《", "》"), ("「", "」"), ("“", "”"), ("[", "]"), ("【", "】"), ("『", "』"))
SHORT_NAME = regex(r"\((?P<name>(?=[^()]*[A-Z][^()]*[A-Z])[A-Za-z][\w+-]{1,14})\)$")
"""What the title of a paper gives in brackets as its short name: `Prior-informed … Training (PIR-AT)`."""
SERVES = regex(
    r"(?P<name>(?!On\s)[A-Z][\w-]+(?:\s(?:of\s)?[A-Z][\w-]*){1,5})\s(?:for|via|with|through|from|by|in|using|Using)\s"
)
"""A paper's thing, before what it is good for: `Latent Normalizing Flows for …`."""
LONGEST, LONGEST_ZH, MOST_WORDS = 40, 20, 6
"""Characters of a name in Latin letters and in Chinese ones, and its words."""
LONGEST_TITLE = 300
"""Characters of a title that can name a thing: of one without end the patterns would take the square."""


@lru_cache(maxsize=4096)
def headword(title: str) -> str:
    """Return what a title names, as it is called within a sentence; empty where it names no thing."""
    if len(title) > LONGEST_TITLE:
        return ""
    plain = title.strip()
    for first in (DATED_FIRST, CODED_FIRST, CITED_FIRST, NUMBERED, LETTERED, ROLE_FIRST, EXAMPLE_FIRST, EXAMPLE_LAST):
        plain = first.sub("", plain)
    plain = IN_TIME.sub("", QUOTES.sub(r"\g<inside>", plain).rstrip("：:…* ").strip())
    if (spelt := SPELT_OUT.match(plain)) and _initials(spelt["words"]) == spelt["name"].upper():
        return spelt["name"]
    if (plain.endswith((".", "。")) and " " in plain) or plain in WHOLE_UNNAMED:
        return ""
    if told := TOLD.match(plain):
        name = told["name"] or told["is"]
        plain = plain if COUNTS.search(name) or _says(name) else name
    asked = _asked_of(plain)
    if not asked:
        return ""
    plain = _untrailed(INTRODUCED.sub("", asked))
    plain = _shortened(_untrailed(NAMED_FIRST.sub(r"\g<name>", KIND_FIRST.sub("", plain)).rstrip("：: ")))
    if done := ORDER_ZH.match(plain):
        plain = (done["name"] or "").strip()
    return (
        ""
        if not plain
        or (plain.lower() in JOINING and not plain.isupper())
        or OF_KIND.fullmatch(plain)
        or COUNTED_ZH.fullmatch(plain)
        or _is_long(plain)
        or _says(plain)
        or _is_cut(plain)
        else plain
    )


def _initials(words: str) -> str:
    """Return the first letters of words, without those that only join: of `Stroke Width Transform` SWT."""
    return "".join(word[0].upper() for word in re.split(r"[\s-]", words) if word.lower() not in JOINING)


def _untrailed(title: str) -> str:
    """Return a title without what it says of itself, or in brackets of its name, at its end."""
    return TRAILED_EN.sub("", TRAILED_ZH.sub("", EXPLAINED.sub("", title))).strip(" -–—")


def _asked_of(title: str) -> str:
    """Return what a question is about; any other title as it is."""
    if asked := NEEDED.match(title) or WORKS.match(title):
        return asked["head"].strip()
    plain = without_what_is(title)
    if about := AND_WHAT.match(plain):
        return about["head"].rstrip()
    if (asked := OF_WHAT.match(plain)) and not plain.isascii():
        return "" if asked["head"].endswith(("，", ",")) else asked["head"]
    return "" if plain.endswith(("?", "？")) else plain


def _shortened(name: str) -> str:
    """Return what the long title of a paper is called by: its own short name, or what stands before `for …`."""
    if not name.isascii() or not _is_long(name):
        return name
    if short := SHORT_NAME.search(name):
        return short["name"]
    cut = SERVES.match(name)
    return cut["name"] if cut else name


def _is_long(name: str) -> bool:
    most = LONGEST if name.isascii() else LONGEST_ZH + len(LATIN.findall(name))
    return len(name) > most or len(name.split()) > MOST_WORDS or bool(PATH.match(name))


def _is_cut(name: str) -> bool:
    """Whether a bracket or a quotation opens in a name and ends elsewhere."""
    return any(name.count(opening) != name.count(closing) for opening, closing in PAIRS)


def _says(name: str) -> bool:
    """Whether a title orders, states or announces, or stands over anything."""
    return any(pattern.search(name) for pattern in (ORDER, CLAUSE, UNNAMED))
