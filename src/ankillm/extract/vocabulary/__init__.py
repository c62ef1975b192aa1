"""The words by which learners label what they write, in Chinese and English, and the words that mark junk."""

import re
import tomllib
from functools import cache
from pathlib import Path

from ankillm.common.patterns import BRACKETED, one_of, regex


@cache
def _lists(language: str) -> dict[str, str]:
    text = Path(__file__).with_name(f"{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def listed(language: str, meaning: str) -> tuple[str, ...]:
    """Return the words of a language that mean something, by the list's name in its file."""
    return tuple(word.replace("_", " ") for word in _lists(language)[meaning].split())


def _both(meaning: str) -> frozenset[str]:
    return frozenset((*listed("zh", meaning), *listed("en", meaning)))


OF_ITSELF = regex(
    rf"[\W\d_一二三四五六七八九十]*(?:{one_of((*listed('zh', 'of_itself'), *listed('en', 'of_itself')))})(?:\W.*)?$"
    r"|(?:plan|prd):\s|(?:\d\s?个\s?(?:交互)?组件|交互组件|组件[（(]\d{1,2}\s?个[)）])$",
    re.IGNORECASE,
)
COUNTS = regex(
    rf"(?:{one_of(listed('zh', 'counted'))})\s?[\d一二三四五六七八九十]{{1,2}}"
    rf"|(?:{one_of(listed('en', 'counted'))})\s?\d{{1,2}}",
    re.IGNORECASE,
)
DEFINITION = _both("definition")
PLURAL = _both("aspects")
STEPS = regex(
    r"(步骤|流程|过程|顺序|阶段|工作流|pipeline|workflow|steps?|procedure|process|stages|algorithm)$"
    r"|^(?:the\s)?(?:steps|stages|phases)\s(?:of|to|for|in)\s",
    re.IGNORECASE,
)
PASSED_OVER = _both("passed_over")
METADATA = _both("metadata")
"""Labels of what a document or a program says of itself, or an interviewer of a question."""
METADATA_TOO = regex(
    r"(?:笔记|阅读|学习|创建|建立|更新|最后更新|最近更新|修改|编辑|记录|整理|撰写|提交|完成)(?:日期|时间)"
    r"|(?:(?:reading|note|creation|publication|submission|last|update)\s(?:date|time|updated?|modified|edited|read|revised)|(?:read|written|created|updated)\son"
    r"|created|modified|updated)"
)
"""When something was read, written or changed."""
SIGNS = regex(r"^\W+|\W+$")


def is_metadata(label: str) -> bool:
    """Whether a label, whatever signs stand around it, says something of the document and not of its matter."""
    plain = SIGNS.sub("", label.lower())
    return plain in METADATA or bool(METADATA_TOO.fullmatch(plain))


PASSED_OVER_TOO = regex(
    r"""(?:举个例子|本[节章课文]|今天|下次|下一?[节章步]|后续|计划|跑出来|打印出来|[还尚]?[没未待]\S{0,2}(?:看的|整理|看懂|搞懂|弄懂|学完|写完|看完)|example|logs?\b|links\b|to[\s-]?do
          |next\ (?:week|time|lecture|step)).*$
      |(?:acknowledg\w+|(?:key\ )?take-?\ ?aways?)$""",
    re.VERBOSE,
)
SUMMING_UP = ("结", "链接", "输出", "日志", "效果", "summary", "output")
"""One of these is in whatever matches the next."""
SUMS_UP = regex(
    r".{0,6}总结$|.{0,4}(?:小结|链接)$|.{0,8}(?:跑|打印|运行|执行|输出).{0,6}(?:结果|输出|日志|效果).{0,6}$|.*\bsummary$|.*\boutput\b.*$"
)
OPENED = _both("opened")
OPENED_TOO = regex(r"(代码实现.*|terms.*)$", re.IGNORECASE)
LISTS = regex(
    r"""(?:类型|种类|分类|类别|步骤|流程|方法|方式|架构|组件|范式|指标|产品|阶段|优点|缺点|优缺点|特点|应用|场景|原因|技巧|策略|工具|框架|组成|部分|要素
      |原则|环节|版本|层次|功能|用途|问题|挑战|优势|劣势|毛病|好处|规则)$
      | [一二两三四五六七2-7]\s*(?:大|种|个|类|点|步|层|要素|元素|原则|环节|部分|部曲|阶段|板斧)\s*\S{0,12}$
      | ^(?:the\s+)?(?:two|three|four|five|six|seven|[2-7])\s+[\w\s()-]+$
      | \b(?:types|kinds|steps|stages|methods|components|metrics|variants|parts|benefits|advantages
      |disadvantages|drawbacks|limitations|requirements
      |use\ cases|reasons|pros|cons|properties|features|strategies|techniques|tools|levels|layers|phases
      |principles|challenges|approaches|tricks)
        (?:\s+(?:of|in|for)\s+[\w\s-]+)?$""",
    re.VERBOSE | re.IGNORECASE,
)
"""Titles and labels that announce a list."""
PROBLEM = regex(
    r"^(the problem|问题|题目|题目描述|问题描述|练习|习题|例题|problem|exercise|task|question)\s*\d*$", re.IGNORECASE
)
EXERCISE = regex(r"^(题目|题目描述|练习|习题|例题|exercise|task)", re.IGNORECASE)
TROUBLE = regex(r"^(?:问题|坑|报错|错误|bug|issue|problem)\s*\d*\s*[：:]\s*(?P<what>.{4,90})$", re.IGNORECASE)
"""A title that tells a trouble."""
SOLUTION = regex(
    r"""^(解|解决|解决办法|解决方案|解决方法|办法|对策|解法|解答|答案|参考答案|参考解法|参考代码|答
      |the\ fix|fix|solution|reference\ solution|answer|my\ solution)\s*\d*$""",
    re.IGNORECASE | re.VERBOSE,
)
ASKED = regex(
    r"^\s*(?:(?:q(?:uestion)?\s*\d*|追?问题?\s*[\d一二三四五六七八九十]*|提问|面试题?\s*\d*|第\s*[\d一二三四五六七八九十]+\s*[题问道])\s*[：:.、]\s*"
    r"|q(?:uestion)?\s*\d+\s+(?=什么|为什么|为何|如何|怎|what|why|how))",
    re.IGNORECASE,
)
ASKS = regex(
    r"^(?:q(?:uestion)?\s*\d*|追?问\s*\d*|提问|面试题?\s*\d*|思考题?|对错|对/错|判断题?|true/false|follow-?\s?up)$",
    re.IGNORECASE,
)
"""Labels beside which a question stands."""
LEADS_ON = regex(
    r"^(?:(?:那么?(?![个個些种種样樣里裡时時边邊一两兩三几幾])|不[过過](?![拟擬])|但是|但(?!凡)|所以|然后|然後|于是|於是"
    r"|[这這][里裡](?:可能|也许|也許)?[会會]?有(?:一?[个個])?(?:疑惑|疑问|疑問|问题|問題))[，,：:]?\s*"
    r"|(?:so|now|but|and|then|ok(?:ay)?|well)[,:]?\s+(?=[a-z]\w*\s.*\?$))",
    re.IGNORECASE,
)
"""What leads on to a question from what stands above it: `那么怎么定义 …？`, `So how does …?`."""
WHICH = ("哪", "有什么", "区别", "不同", "what are", "which", "differ")
ASKING_FIRST = regex(r"^(为什么|为何|如何|怎么|怎样|什么是|什么叫|是否|哪些|哪种|谁|何时).+[^。：:]$")
ASKING_LAST = regex(
    r"(是什么|有(?:什么|何|啥)(?:区别|不同|不一样|差别|用|作用|好处|影响)|有哪些.{0,6}|怎么办|为什么|[有分]哪[两二三四五六几种个].*|[了着过做加存]什么"
    r"|(?:怎么|如何)[^，,。：:]{1,4}|多[大少久长])\s*$"
)
POINTING = regex(
    r"""^(?:这|那|它|该|其|此|他|本文|本节|以上|上述|上面|前者|后者|我们|你|大家|老师|同学|首先|其次|然后|接着|最后|同时|另外|此外
      |(?:this|that|its?|these|those|they|there|here|we|you|i|my|our|one|he|she|the\ (?:former|latter|above
      |following))\b)""",
    re.IGNORECASE | re.VERBOSE,
)
TRANSITION = regex(
    r"""^(?:让我|让我们|我们来|下面|接下来|首先我们|现在|如下|以下|具体如下|举个例子|来看|先看|再看|可以看到|由此可见|综上|总之|总的来说
      |总体来说|大家|老师|同学|记得|注意看|今天|昨天|明天|本节|本章|上一节|这一节
      |(?:let(?:'s|\ me|\ us)|in\ this\ (?:section|chapter|lecture|note)|(?:now|next|below|overall|today),
      |now\ (?:we|let|the)
      |next\ (?:we|week|time|i)|below\ (?:is|are|we)|here\ (?:is|are|we)|as\ (?:shown|we)|to\ (?:sum|summarize|conclude)
      |in\ (?:summary|conclusion)|today\ we|see\ (?:also|the)|todo|remember\ to
      |i\ (?:need|should|still|think|don))(?!\w))""",
    re.VERBOSE | re.IGNORECASE,
)
HANGS = regex(
    r"^(?:why|how|what|when|where)\s+(?:(?:does|do|did|is|are|was|were|can|could|should|would|will|has|have)\s+)?"
    r"(?:it|this|that|these|those|they)(?:['’]s)?\b(?!\s+(?:is|was)?\s*(?:\w+ly\s+)?\w+\s+(?:to|that)\b)"
    r"|^(?:is|are|does|do|did|can|should|would|will)\s+(?:it|this|these|those|they)\b(?!\s+(?:\w+ly\s+)?\w+\s+(?:to|that)\b)"
    r"|^(?:到底|究竟|我们|我們|应该|應該|能否|能不能|可以|可否|如果|要|会|還|还|为什么|為什麼|为啥|為啥|为何|為何|怎么样?|怎麼樣?|怎样|怎樣|如何|哪些|什么是|利用|用|对于?|對於?"
    r"|来|來|去|在|给|定义|定義|解决|解決|理解|看待|实现|實現|处理|處理|计算|計算|做)*(?:这|這|该(?!不)|該(?!不)|此|它|上一)"
    r"|.{0,80}?(?:难道|難道)|^(?:why|how|为什么|為什麼|为啥|為啥|为何|為何|怎么办|怎麼辦|怎么做|怎麼做|咋整|咋办|原因)\s*[?？]?$"
    r"|^(?:so\s)?what\s(?:to\sdo|(?:can|should|do)\s(?:we|you|i|one)\sdo)(?:\s(?:about\sit|now|then|here))?\s*[?？]*$",
    re.IGNORECASE,
)
"""A question of what stands elsewhere (`Why this works?`, `为什么这个问题重要？`), or one that only seems to ask."""
LONE_NAME = regex(r"^(?!(?:why|how|what|when|where|who|which)\b)[A-Za-z][A-Za-z\d_.-]*[?？]$", re.IGNORECASE)
"""`rsLoRA?`: a name that the writer was curious about, and no question."""
WHAT_IS = regex(r"(?:什么是|什么叫|what(?:'s|\s+is|\s+are)\s+(?:an?\s+|the\s+)?)", re.IGNORECASE)
INTRODUCTIONS = ("介绍", "简介", "概述", "详解", "入门")
INTRODUCED = regex(rf"(?<=[\w)）]{{2}})的?(?:{'|'.join(INTRODUCTIONS)})$")
IS_WHAT = regex(r"(?:究竟|到底)?(?:是什么|是啥|是什么意思)[？?]?$")
CONDITIONAL = regex(r"^(?:当|如果|若|假如|在.*(?:时|下)$|if\b|when\s+(?!to\b)|for\b)", re.IGNORECASE)


WHETHER = regex(
    r"是否|有[无没]有?|能[否不]能?|可[否不]可?以?|会不会|是不是|要不要|需不需要|支不支持|(?:吗|(?<![什怎多那这])么)[?？]?$"
)
"""A label that asks whether: `推理有无额外开销`, `能否多任务切换`."""
EXAMPLE = regex(
    r"\W*(?:举个?例子?|举例|示例|例子?\s*[：:，,]|比如|例如|譬如|如(?=\s*[：:，,A-Z“「《])|(?:e\.\s?g\.|for\s(?:example|instance)|such\sas|example)(?!\w))",
    re.IGNORECASE,
)
"""What begins an example, which defines nothing."""
WORKED = regex(r"(?:解|证明?|例题?\s*\d*|solution|proof)\s*[：:]", re.IGNORECASE)
"""What begins a worked example."""
AIM = regex(r"^(?:goals?|objectives?)$", re.IGNORECASE)
"""What a method is for, where it is said beside the label; over a list it is a plan."""
IN_BRACKETS = regex(rf"(?<=\S)\s*{BRACKETED}\s*$")


def is_passed_over(label: str) -> bool:
    """Whether a label stands over what gives no card: examples, output, summaries, links and plans."""
    lowered = label.lower()
    if lowered.endswith((")", "）")):
        lowered = IN_BRACKETS.sub("", lowered)
    if lowered in PASSED_OVER or PASSED_OVER_TOO.match(lowered):
        return True
    return any(word in lowered for word in SUMMING_UP) and bool(SUMS_UP.match(lowered))


def is_opened(label: str) -> bool:
    """Whether a label says nothing of its own: what stands under it is read as if it were not there."""
    return label.lower() in OPENED or bool(OPENED_TOO.match(label))


def speaks_of_itself(title: str) -> bool:
    """Whether a title stands over what a project or a person says of itself: `面试技巧`, `Reading list`."""
    return bool(OF_ITSELF.match(title))


def only_counts(label: str) -> bool:
    """Whether a label counts, and names nothing: `输出 1`, `Step 2`."""
    return bool(COUNTS.fullmatch(label))


def is_ignored(label: str) -> bool:
    """Whether a label names nothing that a card could be about."""
    return is_passed_over(label) or is_opened(label)


def asks_which(question: str) -> bool:
    """Whether a question asks for a list, each of whose items may be worth a card of its own."""
    lowered = question.lower()
    return any(words in lowered for words in WHICH)


def is_question(text: str) -> bool:
    """Whether a line asks something: by its last sign, as most do, or by its first or last words."""
    if text.rstrip().endswith(("?", "？")):
        return " " in text or not LONE_NAME.match(text.strip())
    asks = text.endswith("吗") or (("么" in text or "哪" in text) and ASKING_LAST.search(text))
    return bool(ASKING_FIRST.match(text) or asks)


def without_lead(question: str) -> str:
    """Return a question without what leads on to it."""
    match = LEADS_ON.match(question)
    rest = question[match.end() :] if match else question
    return f"{rest[:1].upper()}{rest[1:]}" if match and match[0].isascii() else rest


def without_what_is(title: str) -> str:
    """Return what a title asks for or introduces: `什么是 LoRA？` → `LoRA？`, `大模型介绍` → 大模型; others as is."""
    if asked := WHAT_IS.match(title):
        title = title[asked.end() :]
    elif title.endswith(("?", "？")) and " " not in title and LONE_NAME.match(title):
        return title.rstrip("?？")
    if title.endswith(INTRODUCTIONS):
        return INTRODUCED.sub("", title)
    return IS_WHAT.sub("", title) if "是" in title else title


@cache
def _of_training() -> frozenset[str]:
    text = Path(__file__).with_name("training.txt").read_text(encoding="utf-8")
    return frozenset(" ".join(line for line in text.splitlines() if not line.startswith("#")).split())


def is_of_training(name: str) -> bool:
    """Whether a name in code is one of the libraries by which models are trained, and worth recalling."""
    return name in _of_training()


def bare(label: str) -> str:
    """Return a label as it is looked up: lower case, without spaces."""
    return "".join(label.split()).lower()
