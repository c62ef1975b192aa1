"""What the columns of a table are: values of what its rows name, answers to what they ask, or lists side by side."""

import re
from collections.abc import Sequence
from itertools import takewhile

from msgspec.structs import replace

from ankillm.common.patterns import regex
from ankillm.extract.scope import is_generic
from ankillm.extract.title_names import is_common, names_thing, stands_alone
from ankillm.extract.vocabulary import PLURAL, bare, is_metadata, is_question
from ankillm.markdown.blocks import Table
from ankillm.markdown.inline import plain_text

ASPECTS = regex(
    r"^(|对比项?|比较项?|(?:对比|比较|设计|评估|评价|关键)?(?:维度|特性)|方面|特征|属性|指标|项目|aspect|feature|property|dimension|criterion|metric|item)$",
    re.IGNORECASE,
)
GENERIC_HEAD = regex(
    r"^(|数据|值|数值|取值|内容|配置|参数值?|设置|结果|详情|values?|data|settings?|content|result|details?)$",
    re.IGNORECASE,
)
"""Heads of a second column that say nothing of the values below them."""
QUESTIONS = regex(r"^(?:面试)?(?:问题|题目|提问|问|面试题)$|^(?:interview\s)?(?:questions?|q)$", re.IGNORECASE)
"""A head over questions."""
ANSWERS = regex(
    r"^(?:(?:参考|标准|简要?|我的|核心|一句话|回答|答题|关键|主要)?(?:答案?|回答|解答|解析|答复|要点|思路|说明|解释|理解|关键点))$"
    r"|^(?:(?:short|brief|my|model|sample|key|suggested)\s)?(?:answers?|a|replies|reply|responses?|solutions?|explanations?"
    r"|(?:key\s)?points)$|^in\s(?:short|brief|a\snutshell)$",
    re.IGNORECASE,
)
"""Heads over the answers to questions that stand in rows."""
OF_QUESTION = regex(
    r"公司|厂商|企业|来源|出处|难度|等级|级别|难易|频率|频次|次数|考[察点]|主题|话题|领域|类别|分类|类型|题型|方向|岗位|部门|轮次|面次|[几一二三]面"
    r"|日期|时间|标签|状态|重要|星级|掌握|章节|页码|链接|分[值数]|优先级|出现|关键词|相关|备注|参考|是否|谁|哪"
    r"|^(?:asked|seen|heard|taken|found)(?:\s\w+)?$|^(?:from|where|when|who|by|at|in|round|role|stars?|done|seen|type|page|kind)$"
    r"|\b(?:topics?|areas?|categor(?:y|ies)|tags?|compan(?:y|ies)|firms?|employers?|sources?|origin|difficulty|levels?|importance"
    r"|frequency|dates?|positions?|status|ratings?|scores?|marks|chapter|section|links?|urls?|priority|interviewer|team|related"
    r"|keywords?|references?|remarks?|types?|weeks?|lectures?|modules?|hard(?:ness)?|asked|times)\b",
    re.IGNORECASE,
)
"""Heads over what is said of a question beside its answer: who asks it, how hard it is, where it belongs."""
COUNTERPARTS = tuple(
    regex(rf"^(?:{one})$", re.IGNORECASE)
    for one in (
        r"(?:主要|核心)?(?:优点|缺点|优势|劣势|好处|坏处|长处|短处|利|弊|不足|局限性?)",
        r"(?:pros?|cons?|(?:dis)?advantages?|benefits?|drawbacks?|strengths?|weaknesse?s?|limitations?)",
        r"不?(?:适合|适用|推荐|建议)(?:的?(?:场景|情况|任务))?|应该|不应该",
        r"(?:do|don['’]t|dos|don['’]?ts|use (?:it )?(?:when|if|for)|(?:do not|don['’]t) use (?:it )?(?:when|if|for))",
    )
)
"""Heads of one kind over lists side by side: 优点 and 缺点."""
SHARED_BY_ALL = regex(
    r"(?:名称?|名字|类型|种类|格式|大小|数量?|版本|长度|数值|值|参数|编号|时间|日期|结果|效果|分数|率|写法|代码|命令|接口|函数|层"
    r"|names?|types?|kinds?|formats?|sizes?|numbers?|counts?|versions?|lengths?|values?|parameters?|ids?|results?|scores?|rates?"
    r"|loss|codes?|commands?|api|functions?|models?|tasks?|datasets?|languages?|descriptions?|meanings?|purpose|idea|use|notes?)$",
    re.IGNORECASE,
)
"""What two heads may both end with over rows that belong together: `模型名称`, `数据集名称`."""
CHANGED = regex(r"^(?:旧|新|原|输入|输出|源|目标|中文|英文|old|new|input|output|source|target)", re.IGNORECASE)
"""A head over what a row turns from, or into."""
USED_WHEN = regex(
    r"^(?:何时|什么时候|什么情况下?|(?:适合|适用)?(?:场景|情况)|适合|适用|优先)[：:]?\s*(?:该|使?用|选择?)"
    r"|^(?:when\s(?:to|should\syou)\s)?(?:use|choose|pick|prefer|go\sfor)\s",
    re.IGNORECASE,
)
"""What heads begin with over the cases for one thing each: `何时用 vLLM`."""
MIXED = regex(r"[A-Za-z]?[a-z]*[a-z][A-Z][A-Za-z]*|[A-Z][A-Za-z]+-?\d[\w.]*")
"""A proper name of one thing, by its letters: `LoRA`, `Llama-2`; no `GPU`, which many are."""
CODED = regex(r"`|^\W*[A-Za-z_]\w*(?:[._(]\w*\)?)+\W*$|^\s*\$")
"""A cell of code, or of a formula."""
FIGURE = regex(r"^\W*[+-]?\d[\d.,\s]*(?:%|[A-Za-z]{1,3})?[^\w]*$|^[\W\d]*$")
PLAIN_VALUE = regex(r"^\W*(?:yes|no|true|false|[是否有无高中低快慢])\W*$|\d", re.IGNORECASE)
"""A cell that says how much, or whether."""
JOINING = regex(
    r"^\W*(?:可以看[到出]|可见|由此(?:可[见知得])?|(?:结果|实验|研究|数据|事实)?(?:表明|显示|说明|证明)|第[一二三四五六七八九十\d]+点?|其[一二三]|首先|其次|再次|然后|接着|最后"
    r"|此外|另外|同时|因此|所以|但是?|然而|不过|注意(?:事项|点)?|(?:需要|值得|请)注意(?:的是)?|总之|总的来说|总体来说|综上(?:所述)?|总结|小结|结论|备注|说明|补充"
    r"|note|nb|n\.b\.|notice|remember|(?:first|second|third|fourth|last|final)(?:ly)?|next|then|also|however|therefore|thus|hence|so"
    r"|moreover|furthermore|in\s(?:short|summary|conclusion|general)|overall|to\ssum\sup|conclusions?|summary|results\sshow|we\s(?:see|find))\W*$",
    re.IGNORECASE,
)
"""A cell that only joins or announces what stands beside it, and names nothing: `可以看到`, `第一`, `note`."""
BARE_QUESTION = regex(
    r"^(?:why|how|what|when|where|which|who)(?:\s(?:not|for|so|else|then|now|this|that|is\s(?:it|this|that)))?\s*[?？]?$"
    r"|^(?:为什么|为何|怎么办|怎么做|如何|是什么|什么时候|何时|哪[里些个])[?？]?$",
    re.IGNORECASE,
)
"""What asks without saying of what."""
OF_LINK = regex(
    r"(?:论文|代码|原文|项目|参考|视频|博客|下载|官方)?(?:链接|地址|网址|网站)$|^(?:\w+\s)?(?:links?|urls?)$",
    re.IGNORECASE,
)
OF_READING = regex(r"^(?:阅读|学习|当前|完成)?状态$|^(?:阅读|学习|完成)?进度$")
READ = regex(r"^\W*(?:已|未|待|在|正在|进行|完成|没|草稿|初稿|归档|\d+\s*%|todo|done|wip)", re.IGNORECASE)
"""How far a note or its reading is."""
IF = regex(r"^(?:如果|若|假如|当|条件|if|when)(?:\s*(?:\.{3}|…+))?$", re.IGNORECASE)
THEN = regex(
    r"^(?:那么?|则|就|那就|怎么[办做]|做法|处理|对策|办法|then|do(?:\sthis)?|what\sto\sdo)(?:\s*(?:\.{3}|…+))?[?？]?$",
    re.IGNORECASE,
)
"""Heads over a condition and over what follows from it."""
TO_DO = regex(
    r"^(?:(?:操作|执行|实施|部署|检查)?(?:步骤|环节)|检查[项点]|(?:待办)?(?:任务|事项)|steps?|checks?|tasks?|to-?\s?do|items?)$",
    re.IGNORECASE,
)
"""A head over what is to be done, one after the other."""
PAIR = 2
SHORTEST_SHARED, SHORTEST_SHARED_ASCII = 2, 4
"""Characters that two heads share at their end, at least, if they are alike."""


def names_nothing(cell: str) -> bool:
    """Whether a cell that should name a row only joins, announces, or asks without saying of what."""
    return bool(JOINING.match(cell) or BARE_QUESTION.match(cell))


def is_of_note(name: str, value: str) -> bool:
    """Whether a row says something of the note or the paper and not of its matter: where it is, how far it is read."""
    return is_metadata(name) or bool(OF_LINK.search(name) or (OF_READING.match(name) and READ.match(value)))


def are_conditions(heads: Sequence[str]) -> bool:
    """Whether two heads stand over conditions and what follows from each: `如果` and `那么`."""
    return bool(IF.match(heads[0]) and THEN.match(heads[1]))


def answers_column(heads: Sequence[str]) -> int:
    """Return the number of the column that answers what the first one asks; 0 where none is known to."""
    told = [at for at, head in enumerate(heads) if at and ANSWERS.match(head)]
    others = [
        at for at, head in enumerate(heads) if at and head and not (OF_QUESTION.search(head) or is_metadata(head))
    ]
    return told[0] if told else others[0] if len(others) == 1 else 0


def questions_first(found: Table) -> Table:
    """Return a table with the column of its questions in front: `Topic | Question | Answer`."""
    heads = [plain_text(head) for head in found.head]
    at = next((at for at, head in enumerate(heads) if QUESTIONS.match(head)), 0)
    if not at or not all(is_question(plain_text(row[at])) for row in found.rows):
        return found
    order = (at, *(other for other in range(len(heads)) if other != at))
    rows = tuple(tuple(row[place] for place in order) for row in found.rows)
    return replace(found, head=tuple(found.head[place] for place in order), rows=rows)


def are_lists(found: Table, heads: Sequence[str], body: str) -> bool:
    """Whether the columns are lists that only stand side by side, each under its own head: the first names no rows."""
    if not heads[0] or any(head.endswith(("?", "？")) for head in heads):
        return False
    if any(all(map(kind.match, heads[:PAIR])) for kind in COUNTERPARTS):
        return True
    cells = [plain_text(cell) for row in found.rows for cell in row[1:]]
    values = sum(bool(PLAIN_VALUE.search(cell) or FIGURE.match(cell)) for cell in cells)
    coded = sum(bool(CODED.search(cell)) for row in found.rows for cell in row)
    named = sum(stands_alone(plain_text(row[0])) for row in found.rows)
    if 2 * values > len(cells) or coded or 2 * named > len(found.rows):
        return False
    return all(_alike(heads[0], head) for head in heads[1:]) or _all_things(heads, body)


def has_members(head: str) -> bool:
    """Whether what stands below a head is what it names, one by one: 优点, `Use cases`; no phase."""
    return bare(head) in PLURAL or any(kind.match(head) for kind in COUNTERPARTS[:PAIR])


def _alike(one: str, other: str) -> bool:
    """Whether two heads say the same of two things: `适合用 PPO 的情况`, `数据并行` and `张量并行`."""
    ahead, behind = _shared(one, other)
    shared = len(ahead) + len(behind)
    if shared >= min(len(one), len(other)):
        return False
    if USED_WHEN.match(ahead):
        return True
    least = SHORTEST_SHARED_ASCII if behind.isascii() else SHORTEST_SHARED
    named = len(behind) >= least and not SHARED_BY_ALL.search(behind) and not CHANGED.match(one)
    return named and 2 * shared >= min(len(one), len(other))


def _shared(one: str, other: str) -> tuple[str, str]:
    """Return what two heads begin with and what they end with, both alike."""
    ahead = _beginning(one, other)
    rest = len(ahead)
    return ahead, _beginning(one[rest:][::-1], other[rest:][::-1])[::-1]


def _beginning(one: str, other: str) -> str:
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return "".join(letter for letter, _ in pairs)


def _all_things(heads: Sequence[str], body: str) -> bool:
    """Whether all heads name things that are compared: `Fine-tuning` and `RAG`."""
    if any(is_common(head) or is_generic(head) or SHARED_BY_ALL.search(head) or ASPECTS.match(head) for head in heads):
        return False
    if MIXED.fullmatch(heads[0]) and all(head[:1].isupper() and head.isascii() for head in heads[1:]):
        return True
    first = names_thing(heads[0], body) if len(heads) == PAIR else stands_alone(heads[0])
    return first and all(map(stands_alone, heads[1:]))
