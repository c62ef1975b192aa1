"""Scope: what is known about the place that a rule looks at: the path of titles, the subject, the labels below it."""

import re
from collections.abc import Sequence
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from ankillm.common.language import Language
from ankillm.common.patterns import ARROW, BRACKETED, HAN, PERSON, regex
from ankillm.extract.concepts import Place
from ankillm.extract.headword import headword
from ankillm.extract.labels import LONGEST_LABEL
from ankillm.extract.pieces import Piece
from ankillm.extract.title_names import BROAD, KIND, is_part, is_proper_name, names_thing, short_name, stands_alone
from ankillm.extract.vocabulary import (
    CONDITIONAL,
    DEFINITION,
    IN_BRACKETS,
    PLURAL,
    POINTING,
    STEPS,
    TRANSITION,
    TROUBLE,
    bare,
    is_ignored,
    is_question,
)
from ankillm.markdown.sentences import joined_words

ASPECT = regex(
    r"""^(?:模型|基本|核心|主要|常见|常用|训练|整体|具体|内部|数据|算法|系统|网络|工作|关键|数学|计算|技术|使用|适用|评价|优化|学习|推理|参数|超参数?
      |总体|提出|实验|理论|输入|输出|运行|执行|处理|对应|相关|典型|代表性?|的)*
      (?:结构|配置|目标|原理|思想|过程|架构|公式|参数|指标|效果|原因|背景|意义|思路|机制|策略|设置|建议|方式|流程|逻辑|动机|问题|方法|任务|细节|技巧|要点
      |选择|场景|形式|内容|函数|代码|对比|区别|比较|关系|维度|规模|版本|性能|影响|分析|测试|评估|步骤|阶段|类型|模型|特点|优缺点|做法|改进|代价|成本|范围|取值|默认值|风险|前提|条件|时机|开销|规律|创新点?|贡献|论文)$
      | ^(?:model|basic|core|main|key|common|training|overall|internal|data|important|practical|typical|default
      |recommended|the|of|and|\s)*
      (?:structure|architecture|configs?|configuration|objectives?|goals?|principles?|ideas?|process|formulas?|equations?|parameters?|hyperparameters?
      |settings?|reasons?|background|motivation|mechanism|strategy|details|notes|comparison|performance|evaluation|problems?|approach|setup|choices?|thresholds?
      |purpose|costs?|savings?|advantages?(?:\sover\s.+)?|rules?\sof\sthumb|effects?)$
      | ^(?:typical|default|common|recommended|usual|initial)\svalue$""",
    re.VERBOSE | re.IGNORECASE,
)
NAMED_IN_BRACKETS = regex(r"[（(](?P<name>[A-Za-z]+[\w.]*-\d[\w.-]*)[)）]$")
"""What an aspect is of, by its own name: `模型配置（Qwen-7B-Instruct）`."""
UNTOLD = regex(
    rf"^(?:methods?|ingredients|numbers|facts|implementation|side\sby\sside|(?:two|three|four|five|six|seven|[2-7])\s[a-z]+|other\s.+|.*{PERSON}.*)$",
    re.IGNORECASE,
)
"""Titles that a question need not name: they say nothing of what stands below them."""
DOCUMENT = regex(
    r"笔记|复习|学习记录|面试|题库|八股|\d{1,4}\s?[问题讲]$|^(?:代表性.{0,6})?片段\s*\d*$|notes?\b|\bday\s*\d|\bweek\s*\d|\blecture\b"
    r"|^第.{1,4}[天周课讲章节]|\b\d{1,4}\s?of\s?\d",
    re.IGNORECASE,
)
ANNOUNCES = regex(
    r"""[，,]|[二两三四五六七几2-7]\s*[个种类大]|分为|分成|包括|包含|有以下|如下
    |\b(?:as\ follows|following|there\ are|consists?|includes?)\b""",
    re.IGNORECASE | re.VERBOSE,
)
COUNTED_OF = regex(
    rf"^(?P<of>[A-Za-z][\w.+-]*(?:\s[A-Za-z\d][\w.+-]*){{0,2}})\s?{KIND}?(?:主要|一般|通常|可以)*"
    r"(?:的|有|存在|分为|分成|由|包括|包含)(?:以下)?[两二三四五六七2-7]\s?[个种类大步层部点]",
    re.ASCII,
)
"""A label that says of a name how many it has of what stands below: `HNSW 的三个参数`."""
MOST_WORDS = 3
"""Words of an aspect, at most, that are put before the name of what it is of."""
ASPECT_ASKED = regex(r"^(?:which|what|how|when|where)\s+\w+(?:\s+\w+)?$", re.IGNORECASE)
ASKED_OF = regex(
    rf"^[A-Za-z][\w.+/-]*(?:\s[\w.+/-]+)*(?:\s?{KIND})?(?=\s*(?:{BRACKETED}\s*)?(?![和与跟及或比])(?u:{HAN}))", re.ASCII
)
"""What a question in Chinese is about: `DeepSpeed ZeRO 到底切了什么？`."""


APART = regex(
    r"^(?:例如|比如|譬如|举例|以.{1,20}为例|反例|否则|不然|要不然)"
    r"|^(?:如果|若是?|要是|一旦)?[^，,。：:的]{0,8}?(?:不(?!同)|没有?|未|缺少?|太|过[于大小高低多少])[^，,。：:的]{0,14}?"
    r"(?:会|将会?|就会?|则会?)(?:有|导致|带来|引起|造成|出现|怎样)?$|的(?:后果|危害)$"
    r"|^(?:e\.g\.|(?:for|as)\s(?:an?\s)?(?:example|instance)|otherwise|without\s(?:it|this|that|them))\b",
    re.IGNORECASE,
)
"""A label under which nothing is told of what stands above: an example, or what comes of not doing it."""


def is_apart(label: str) -> bool:
    """Whether what stands below a label is told of nothing above, nor of what the label names: `不冻结会：`."""
    plain = label.rstrip("：: ")
    return bool(APART.search(plain)) and headword(plain) in {"", plain}


JOINED = regex(r"(?:(?<!\s)\s++)?[与和及、/&]\s*|(?<!\s)\s++and\s+", re.IGNORECASE)
"""What stands between two aspects that a title names together: `优点与缺点`."""


@lru_cache(maxsize=4096)
def is_generic(label: str) -> bool:
    """Whether a label names no thing but an aspect of one: `特点`, `模型配置（7B）`, `Steps`."""
    own = label.strip()
    if own.endswith((")", "）")):
        own = IN_BRACKETS.sub("", own)
    plain = bare(own)
    known = plain in DEFINITION or plain in PLURAL or bool(ASPECT_ASKED.match(own) or UNTOLD.match(own))
    if known or is_ignored(own) or STEPS.fullmatch(own) or ASPECT.match(own):
        return True
    parts = JOINED.split(own)
    return len(parts) > 1 and all(map(is_generic, parts))


NO_NAME = regex(
    rf"^(?:{ARROW}|(?:首?先|再)?来?(?:看|想象|考虑|假设|设想|回顾|思考)(?:一?下|一?个|一眼)|[对對][于於]|[由][于於]|我(?:认为|觉得|最)|非常|\d+\s*[个种类点步]$|除了|部分|有些|一些|很多|大部分|多数|某些|所有|[和与跟同].*相比|相比|相较|设置?[为成]|(?:如果|若)?(?:改用|换用|换成|换为|切换到)|[又再还]有?一[个种点条]|another\s|one\smore\s|(?:weak|strong|good|bad|poor|better|worse|best|worst)\s(?:at|in|with)$|(?:compared|unlike|versus|only|just|also|not|e\.g\.|i\.e\.|on|in|at|with|from|by|under|during|after|before|as|over|without)\s"
    r"|(?:however|therefore|thus|moreover|furthermore|instead|otherwise)$)",
    re.IGNORECASE,
)
"""What starts with one of these says where or how many, and names nothing."""


HERE = regex(
    r"\b(?:above|below)$|^(?:所以|因此|因为|于是|还有|另外|另一|掌握|option\s)|\((?:number|string|boolean|object|function|Array<[^()]*)(?:,[^()]*)?\)$",
    re.IGNORECASE,
)
"""What speaks of a place in the note, or goes on with what stands before it."""
PRONOUNS = frozenset("it this that these those they we you there here".split())
"""What stands behind a conjunction is no name either: `Though it`."""


@lru_cache(maxsize=4096)
def is_name(label: str) -> bool:
    """Whether a label can stand for a thing in a question: no pronoun, no transition, no question, no number."""
    plain = label.strip()
    letters = any(character.isalpha() for character in plain)
    if not letters or (len(plain) > LONGEST_LABEL and len(IN_BRACKETS.sub("", plain)) > LONGEST_LABEL):
        return False
    return not (
        is_question(plain)
        or CONDITIONAL.match(plain)
        or DOCUMENT.search(plain)
        or POINTING.match(plain)
        or TRANSITION.match(plain)
        or NO_NAME.match(plain)
        or HERE.search(plain)
        or plain.rsplit(" ", 1)[-1].lower() in PRONOUNS
    )


CITED = regex(r"\s*[（(][^（()）]*(?:\bet\s+al\b|(?:19|20)\d\d)[^（()）]*[)）]$")


def thing_of(title: str) -> str:
    """Return what a title names, without a citation in brackets behind it: `LoRA (Hu et al. 2021)` → `LoRA`."""
    named = headword(title)
    return CITED.sub("", named) if named.endswith((")", "）")) else named


def is_thing_or_aspect(label: str) -> bool:
    """Whether a label names something, or an aspect of it."""
    return is_generic(label) or bool(headword(label))


def is_counted_trouble(title: str) -> bool:
    """Whether a title tells a trouble by its number: what stands below it is told of no title above."""
    told = TROUBLE.match(title)
    return told is not None and not is_question(told["what"]) and not headword(title)


def subject_among(titles: tuple[str, ...], body: str, language: Language) -> tuple[str, tuple[str, ...]]:
    """Return what the lowest title names, with the titles below it; a question names what it begins with.

    One that its note does not speak of (`body`) is an aspect of what a title above it names.
    """
    if titles and is_counted_trouble(titles[-1]):
        return "", titles
    found = [(at, named) for at in range(len(titles) - 1, -1, -1) if (named := named_by(titles[at]))]
    if not found:
        return "", titles
    lowest, named = found[0]
    above = [name for _, name in found[1:]]
    return aspect_of(owner_among(above, named, body), named, language), titles[lowest + 1 :]


def owner_among(above: Sequence[str], named: str, body: str) -> str:
    """Return which of the names above, the nearest first, a name is to be told with; empty where it stands alone.

    With a proper name, if it is none itself: `FCOS 的 Loss Function`; what its note does not speak of with any name.
    """
    if stands_alone(named):
        return ""
    proper = next((name for name in above if is_proper_name(name, body)), "")
    if proper or (names_thing(named, body) and not is_part(named)):
        return short_name(proper, body)
    whole = (name for name in above if names_thing(name, body) and not (is_part(name) or BROAD.match(name)))
    return next(whole, "")


def aspect_of(thing: str, aspect: str, language: Language) -> str:
    """Return an aspect as a phrase with what it is of; alone where that would be long, or is part of it already.

    Of an aspect of a thing it is the thing's: `Focal of FCOS`, not `Focal of Loss of FCOS`.
    """
    thing, _ = parts_of(thing, language)
    if not thing or len(thing) + len(aspect) > LONGEST_LABEL or aspect.lower() in thing.lower() or "的" in aspect:
        return aspect
    if language == "en":
        return f"{aspect} of {thing}" if len(aspect.split()) <= MOST_WORDS else aspect
    return joined_words(thing, f"的{' ' if aspect[0].isascii() and aspect[0].isalpha() else ''}{aspect}")


def parts_of(phrase: str, language: Language) -> tuple[str, str]:
    """Return the thing of a phrase as `aspect_of` makes it, and its aspect; a thing alone has none."""
    if language == "en":
        aspect, _, thing = phrase.rpartition(" of ")
        return thing, aspect
    thing, _, aspect = phrase.partition("的")
    return thing.rstrip(), aspect.lstrip()


def without_repeated(phrase: str, text: str, language: Language) -> str:
    """Return a phrase as it stands before a text: the thing alone where the text has its aspect."""
    thing, aspect = parts_of(phrase, language)
    is_aspect = aspect and (language == "zh" or stands_alone(thing))  # `Chain of Thought` is a name
    return thing if is_aspect and aspect.lower() in text.lower() else phrase


def named_by(title: str) -> str:
    """Return what a title names, or what it asks about; empty where it is neither."""
    if is_generic(title):
        return ""
    if (named := thing_of(title)) and is_name(named) and not is_generic(named):
        return named
    asked = ASKED_OF.match(title) if not title.isascii() and is_question(title) else None
    return asked[0].strip() if asked else ""


class Scope(Struct, frozen=True):
    """Where the rules are: titles and labels from the top, the subject, and the labels since the subject."""

    path: tuple[str, ...]
    subject: str
    labels: tuple[str, ...]
    language: Language
    body: str
    """What the note says, below its titles."""

    def under(self, label: str) -> "Scope":
        """Return the scope one label deeper: a name becomes the subject, an aspect adds to the labels."""
        if not label:
            return self
        path = (*self.path, label)
        if (owned := COUNTED_OF.match(label)) and is_name(owned["of"]) and owned["of"] not in self.subject:
            return Scope(path, owned["of"], (), self.language, self.body)
        if ANNOUNCES.search(label) and not is_apart(label):
            return replace(self, path=path)
        named = "" if is_generic(label) else headword(label)
        if is_apart(label):
            return Scope(path, "", (), self.language, self.body)
        if not named or not is_name(named):
            return replace(self, path=path, labels=(*self.labels, label))
        if self.subject:
            named = aspect_of(owner_among((self.subject,), named, self.body), named, self.language)
        return Scope(path, named, (), self.language, self.body)

    @property
    def owner(self) -> str:
        """The subject with the labels since, as a phrase for a question: `Qwen模型的模型结构`."""
        named = [
            label
            for label in self.labels
            if bare(label) not in DEFINITION
            and is_thing_or_aspect(label)
            and not (
                UNTOLD.match(label)
                or is_ignored(label)
                or CONDITIONAL.match(label)
                or is_question(label)
                or NO_NAME.match(label)
                or DOCUMENT.search(label)
                or label[0].isdigit()
            )
        ]
        if not self.subject or not named:
            return self.subject
        if of := NAMED_IN_BRACKETS.search(named[-1]):
            return of["name"]
        if self.language == "en":
            return f"{named[-1]} of {self.subject}" if len(named[-1].split()) <= MOST_WORDS else self.subject
        return joined_words(self.subject, f"的{named[-1]}")

    def place(self, piece: Piece) -> Place:
        """Return where a piece of this scope stands."""
        return Place(self.path, piece.line, piece.end, piece.directive)
