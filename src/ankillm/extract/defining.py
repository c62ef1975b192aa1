"""Sentences that define: the term that one says something of, and what it says.

`LoRA is a way to …`, `P-Tuning 是一种微调方法`, `我们把 … 称为零样本能力`: the name, and what it is.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from ankillm.common.patterns import BRACKETED, HAN, regex
from ankillm.extract.scope import is_generic, is_name
from ankillm.extract.segmentation import word_inner
from ankillm.extract.vocabulary import POINTING, is_ignored
from ankillm.markdown.inline import math_kept, plain_text
from ankillm.markdown.spans import whole_outside

LONGEST_TERM = 40
BRACKETS = rf"(?:\s*+{BRACKETED})?+"
ZH = regex(
    rf"""^(?P<term>[^，。：:；;！？?（(]{{1,40}}?{BRACKETS})\s*+[，,]?\s*+(?:则|就|也|其实|最早|最初|本质上)?
      (?P<verb>就是(?!说)|是(?!否)(?:由|在|基于|一种|一个|一类|一项|一套|一组|一款|指|用来|用于|为了|对|将|把|通过|目前|最|用|专门|20\d\d)|指的是|是指|指(?=在|将|把|用|通过|的是)
      |即为|也就是|又称|又叫|全称(?:是|为)?|表示(?!范围|精度|能力|空间|学习|方法|形式|维度|层)|用来|(?<![适应作])用于|负责(?!人)|决定(?!了|性|系数))
      (?P<text>.+)$""",
    re.VERBOSE | re.DOTALL,
)
ZH_NAME = regex(
    rf"^(?P<term>(?=[^，。：:；;！？?是、]*[A-Za-z])[^，。：:；;！？?（(是、]{{1,40}}?{BRACKETS})\s*(?<![的都也就不还要算于])(?P<verb>是)(?P<text>[^否不].+)$",
    re.DOTALL,
)
EN = regex(
    r"""^(?P<term>(?:(?:the|an?)\s+)?[^,.:;!?(]{1,60}?(?:\s*\([^()]*\))?)\s+
      (?P<verb>(?:is|are)\s+(?=an?\b|the\b|one\s+of\b|defined\b|used\b|basically\b|simply\b|just\b|when\b|how\b|(?:[\w.]+\s+)?[\w.]+'s\b)
      |refers?\s+to|means\b|stands?\s+for|denotes?\b|describes?\b)
      \s*(?P<text>.+)$""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
BUT = regex(
    rf"^(?P<term>[^，。：:；;！？?（(]{{1,40}}?{BRACKETS})\s*(?P<verb>(?:不是|并非)[^，]+，而是)(?P<text>.+)$",
    re.DOTALL,
)
BOLD_TERM = regex(
    r"(?P<mark>\*\*|__)(?P<term>[^*_]{2,40})(?P=mark)(?:\s*[：:]|\s+[-–—]+(?=\s))\s*(?P<text>.+)$", re.DOTALL
)
CODE_IS = regex(r"^`(?P<term>[^`]{2,40})`\s*(?:就|也)?(?:是(?!否)|表示)\s*(?P<text>[^否不].{5,})$", re.DOTALL)
QUOTED = regex(
    r"(?:提出|称为|叫做?|即|就是)了?\s*[“「《\"](?P<term>[^”」》\"，。]{2,20})[”」》\"]\s*[：:]\s*(?P<text>\S.{7,})$",
    re.DOTALL,
)
BOLD_IS = regex(
    r"^(?P<mark>\*\*|__)(?P<term>[^*_，。：:]{2,30})(?P=mark)\s*(?:则|就|也|其实)?(?:是(?!否|[指由])|表示(?!范围|精度|能力|空间|形式|维度)|即)\s*(?P<text>[^否不].{5,})$",
    re.DOTALL,
)
BOLD_ACTS = regex(
    r"^(?P<mark>\*\*|__)(?P<term>[^*_]{2,40})(?P=mark)\s*(?:则|就|也)?\s*(?P<text>(?:只|仅|会|把|将|通过|允许|让|使|负责|根据)[^，。]{4,}.*)$",
    re.DOTALL,
)
ACRONYM = regex(r"^(?P<term>[A-Z][\w./-]*\s*\([^()]{4,60}\))\s+(?P<text>(?!is\b|was\b|has\b)[a-z]+s\s.+)$", re.DOTALL)
CODE_ACTS = regex(
    r"^`(?P<term>[^`]{2,40})`\s*(?P<text>(?:把|将|会|只|不|返回|控制|决定|负责|让)[^是]|(?!is\b|was\b|has\b)[a-z]+s\s).+$",
    re.DOTALL,
)
WE_PROPOSE = regex(
    r"""^["“]?(?:we|they|the\ authors|the\ paper)\s+(?:propose|introduce|present)s?\s+
      (?P<term>[^,.]{2,40}?(?:,\s+or\s+[\w-]+)?),\s+(?:which|that)\s+(?P<text>.+?)["”]?$""",
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)
PROPOSED = regex(
    r"""提出了?\s*(?P<term>[^，。：:；!?？的]{2,40}?)\s*(?:方法|模型|技术|算法)?[，,]
      \s*(?:该|这种|此|它)(?:方法|模型|技术|算法)?(?:是|就是)?\s*(?P<text>.+)$""",
    re.DOTALL | re.VERBOSE,
)
THAT_IS = regex(
    r"(?P<mark>\*\*|__)(?P<term>[^*_]{2,40})(?P=mark)\s*[，,]?\s*(?:i\.e\.|即|也就是)[，,：:]?\s*(?P<text>.+)$",
    re.DOTALL,
)
MEANT = regex(r"(?:提出|引入|出现)的?[，,]\s*(?:它|其)?(?:指的是|是指|就是|指)\s*(?P<text>\S.{6,})$", re.DOTALL)
"""After who proposed something and where, what it is."""
WHERE = regex(r"^where\s+|\s+(?:usually|often|typically|basically|also|then|now)$", re.IGNORECASE)
UNDEFINED = regex(
    r"^(?:只有|一系列|每[一个行列]|使用(?![者率量场])|对于|最(?:关键|重要|基本|主要|直观|终(?!一致)))|(?:既然|不过|其实|(?<![用是有])的|直接|间接|往往|几乎|共同|同样|于)$"
    r"|^(?:whether|getting|being|having|doing|making|let|suppose|assume|second|first|third|last|next|all|most|both|each)(?![-\w])"
    r"|^the\s+(?:model|paper|result|idea|goal|first|second|other)$|^(?:不妨)?(?:虽然|尽管|由于|掌握|还有|假[设定]|[设令记](?=\s*[$`A-Za-zα-ω]))"
    r"|\b(?:that|which|can|when|if|how|why|what)\b|可以|能够|需要|都会|都是|.是|是.|很难|是如何|如何|会$|将$|能$|[，,]|\S被.{2}|^(?:第[一二三四五]|每个|所有|大部分|多数|部分)",
    re.IGNORECASE,
)
"""What a sentence may be about, and yet is no term that it defines."""
LONGEST_SYMBOL = 8
SURELY_MEANT = regex(r"是指(?=[先从在将把被对给让使用以由按当每一二两多]|\s*[A-Za-z])")
"""A verb behind which a word begins, though a dictionary knows another with its last sign: `是指先从 …` has no 指先."""
KEPT_VERBS = regex(r"^(又称|又叫|全称|stands?\s+for)", re.IGNORECASE)
DROPPED_VERBS = regex(
    r"^(?:(?:不是|并非)[^，]+，而是|就是|也就是|是指|指的是|即为|指(?![定令出导标数南明])|是(?!否)|is|are|refers?\s+to|means?|denotes?|describes?)\s*"
)
CALLED = regex(
    r"^(?:(?:我们|人们|大家|通常|一般|业界|作者)*(?:会|可以)?(?:把|将)(?P<a>[^，。；;：:]{6,60}?)"
    r"|(?P<b>(?:(?![这那它此该])[^，。；;：:把将]){8,60}?))(?:这[种个类一]\w{0,6})?也?被?(?:称之?为|称作|叫做|叫作|定义为)"
    r"\s*(?:\*\*|__|[“「《\"`])?(?P<term>[^，。；;：:“”「」*_（(的]{2,24}(?:\s*[（(][^（）()]{1,40}[)）])?)(?:\*\*|__|[”」》\"`])?[。.]?$"
)
CALLED_EN = regex(
    r"^(?P<text>(?:an?|the)\s(?:[^,.;:]|,\s(?:which|where|in)){12,140}?)\s(?:is|are)\s(?:(?:often|usually|also|commonly)\s)?"
    r"(?:called|known\sas|referred\sto\sas|termed)\s"
    r"(?:\*\*|__|[“\"`])?(?P<term>(?:an?\s|the\s)?[A-Za-z][\w -]{2,40}?)(?:\*\*|__|[”\"`])?\.?$",
    re.IGNORECASE,
)
"""What something is called, behind what it is: `把 … 的能力称为零样本能力`, `A process in which … is known as …`."""
EMPHASIS = regex(r"^(\*\*|__)([^*_]{1,60}[)）])\1(?=\s*[是指])")
"""A term with its brackets in bold, which the sentence then defines: `**DPO（直接偏好优化）**是一种 …`."""
LEADING = regex(r"^(?:所谓的?|其中|而|但|因此|所以|(?:and|but|so|also|then|thus|hence|here)\b,?\s)", re.IGNORECASE)
SPACES = regex(r"[ \t]{2,}")
OWN = regex(
    r"^(?:这|它|其|该参数|该方法|该函数)?\s*(?:是(?!否)|就是|指的是|是指|表示|用来|用于|指(?![定令出导标数南明])|决定|负责)\s*(?P<text>.+)$",
    re.DOTALL,
)
OWN_EN = regex(
    r"""^(?:(?:it|this)\s+)?(?:(?:is|are)\s+(?=an?\b|the\b|one\b|used\b|defined\b|how\b|what\b|when\b)|means|refers\s+to|denotes
      |stands\s+for)\s+(?P<text>.+)$""",
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)
IN_BRACKETS = regex(r"\s*[（(].*$")
KIND_ALONE = regex(
    rf"^(?:是|属于)?一[种个类项套款](?!.*(?:的|用于|用来|通过|基于|把|将|让|使(?!用)|能|可以|不)){HAN}{{2,16}}[。.]?$"
    r"|^(?:an?|one|the)\s(?:(?:type|kind|form|class|variant|family)\sof\s)?"
    r"(?:(?!(?:of|for|to|that|which|with|by|from|in|on|where|whose|used|found|based)\b)[A-Za-z][\w-]*\s){0,4}?[A-Za-z][\w-]*\.?$",
    re.IGNORECASE,
)
"""A kind alone, in Chinese or English."""
ARTICLE = regex(r"^(?:the|an?)\s+", re.IGNORECASE)
MOST_WORDS = 6
ADVERB = regex(r"(?:不?[只仅]|实际上|本质上|其实|不过|主要|通常|一般|往往|常|都|也|并|还|就|共同|专门)+$")
DENIED = regex(
    r"(?:不(?:再|是|一定|总|能|会)?|[算称谈]不上|非|没有?|未必?|从未|n['’]t|\b(?:not|never|hardly|no\s+longer))\s*$",
    re.IGNORECASE,
)
"""What a sentence says that its subject is not."""
CLAUSE = regex(
    r"由|根据|按照|(?:^|\s)(?:to|in|for|with|by|at|from|on|as|when|if|while|since|because|after|before|during|without|unlike)\s|共同$",
    re.IGNORECASE,
)


def _parted(text: str) -> Iterator[int]:
    """Yield where the patterns of a sentence would part it."""
    for pattern in (BUT, ZH, ZH_NAME, EN):
        if match := pattern.match(text):
            yield match.end("term")
            yield match.start("text")
            return


@lru_cache(maxsize=1024)
def defined(text: str) -> tuple[str, str] | None:
    """Split a sentence that defines its subject into the term and what it is; None if it does not."""
    plain = whole_outside(EMPHASIS.sub(r"\2", SPACES.sub(" ", text.strip())), _parted)
    called = CALLED.match(plain) or CALLED_EN.match(plain)
    return _called(called) if called else _said_of(plain)


def is_called(text: str) -> bool:
    """Whether a sentence says what something is called."""
    return bool(CALLED.match(text.strip()) or CALLED_EN.match(text.strip()))


def _said_of(plain: str) -> tuple[str, str] | None:
    if code := CODE_ACTS.match(plain):
        return code["term"], plain[code.start("text") :]
    match = BUT.match(plain) or ZH.match(plain) or ZH_NAME.match(plain) or EN.match(plain)
    if not match:
        that_is = (
            WE_PROPOSE.match(plain)
            or ACRONYM.match(plain)
            or PROPOSED.search(plain)
            or THAT_IS.search(plain)
            or BOLD_TERM.search(plain)
            or QUOTED.search(plain)
            or CODE_IS.match(plain)
            or BOLD_IS.match(plain)
            or BOLD_ACTS.match(plain)
        )
        named = that_is and is_name(plain_text(that_is["term"])) and not is_ignored(plain_text(that_is["term"]))
        return (_without_ticks(that_is["term"]), that_is["text"]) if that_is and named else None
    name = ADVERB.sub("", math_kept(LEADING.sub("", match["term"]).strip(" ，,"))).strip()
    name = WHERE.sub("", name)
    bare_name = IN_BRACKETS.sub("", name)
    if (
        DENIED.search(name)
        or (word_inner(plain)[match.start("text")] and not SURELY_MEANT.match(plain, match.start("verb")))
        or UNDEFINED.search(bare_name)
        or (match["verb"] == "表示" and len(bare_name) > LONGEST_SYMBOL)
    ):
        return None
    wordy = len(bare_name) > LONGEST_TERM or len(bare_name.split()) > MOST_WORDS
    if not bare_name or wordy or CLAUSE.search(bare_name) or not is_name(name) or is_generic(name):
        return None
    if meant := MEANT.search(match["text"]):
        return name, meant["text"].strip()
    verb = match["verb"].strip()
    kept = verb if KEPT_VERBS.match(verb) else DROPPED_VERBS.sub("", verb)
    space = " " if kept.isascii() and kept else ""
    return name, f"{kept}{space}{match['text']}".strip()


def _called(match: re.Match[str]) -> tuple[str, str] | None:
    """Return a name that stands behind what it is, with that."""
    said = match.groupdict()
    text, term = said.get("text") or said.get("a") or said.get("b") or "", plain_text(match["term"]).strip()
    is_term = is_name(term) and not (is_ignored(term) or is_generic(term) or UNDEFINED.search(term))
    is_whole = not POINTING.match(text) and not text.endswith(("由", "是", "在", "被", "中"))
    return (term, text.strip()) if is_term and is_whole else None


def _without_ticks(term: str) -> str:
    """Return a term as plain text where it has code in it: `` `Top-2` routing `` → `Top-2 routing`."""
    return plain_text(term) if term.count("`") > 1 else term.strip("`")


def term_of(sentence: str) -> str:
    """Return the name of one thing that a sentence defines, without its article; empty where it does not."""
    pair = defined(sentence)
    name = ARTICLE.sub("", pair[0]) if pair else ""
    return "" if not name or POINTING.match(name) or not is_name(name) else name


def names_kind_alone(text: str) -> bool:
    """Whether what defines something only says of which kind it is, and not what sets it apart: `a ranking model`."""
    return bool(KIND_ALONE.match(text.strip()))


def own_definition(text: str) -> str | None:
    """Return what a sentence without a subject of its own says of the subject: `这是一个布尔值参数，决定…`."""
    match = OWN.match(text.strip()) or OWN_EN.match(text.strip())
    return match["text"].strip() if match else None
