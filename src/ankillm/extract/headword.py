"""The thing that a title or label names, as it is called within a sentence: `一，内置回调函数` → 内置回调函数.

What numbers, introduces or asks is left out: `Week 2: Introduction to LoRA` → LoRA, `消息队列有什么优缺点` → 消息队列.
A title that orders (`Reduce the batch size`), states or announces something names nothing.
"""

import re
from functools import lru_cache

from ankillm.common.patterns import regex
from ankillm.extract.vocabulary import without_what_is

NUMBERED = regex(
    r"""^(?:[一二三四五六七八九十]{1,3}|\d{1,3}(?:[-.]\d{1,3})*)\s*[、，,.．:：)）]\s*(?=\S)
    |^(?:第\s?[一二三四五六七八九十\d]{1,3}\s?(?:章|节|部分|步|阶段|讲|天|周|课|篇)|(?:步骤|阶段|方法|方案|解|解法|策略|技巧|原则|问题|要点|例|q)\s?[一二三四五六七八九十\d]{1,2})\s*[、，,：: ]\s*(?=\S)
    |^(?:(?:video|course|week|lesson|lecture|part|chapter|step|day|section|module|unit|stage|component|strategy|option|approach|technique|tip|principle|challenge|phase|question|q)s?\s*\d+(?:\s+to\s+\d+)?\s*)+[:：.\s–—-]+(?=[^\W\d])
    |^\d+\.\d+(?:\.\d+)*\s+(?=\S)""",
    re.IGNORECASE | re.VERBOSE,
)
"""How titles count: `5-8,回调函数`, `步骤三：提取QA对`, `Course 4 Week 2: Summarization`."""
INTRODUCED_EN = regex(
    r"""^(?:(?:an?\s+|the\s+)?(?:[a-z]+\s+)?(?:introduction|intro|overview|guide|primer|summary|review|recap)\s+(?:to|of|on)
    |introducing|understanding|exploring|all\s+about|about|notes?\s+(?:on|about)|dealing\s+with|working\s+with|getting\s+started\s+with
    |how\s+to\s+(?:use|calculate|compute|measure|choose|train|tune|configure|implement|build)|why\s+(?:do\s+we\s+)?(?:need|use)|the\s+basics\s+of|using)\s+(?:the\s+|an?\s+)?(?=\S)""",
    re.IGNORECASE | re.VERBOSE,
)
TRAILED_EN = regex(
    r"\s+(?:overview|tutorial|explained|notes?|basics|faqs?|introduction|intro|summary|cheat\s?sheet|walkthrough|in\s+a\s+nutshell|to\s+(?:generate|build|train|make|create|get|use|solve|improve|run|find|measure|reduce)\s.*|--?\s+wiki)$",
    re.IGNORECASE,
)
TRAILED_ZH = regex(
    r"(?<=[\w)）]{2})\s*(?:的)?(?:基本|学习|原理|全面|完全|快速|简单)?(?:详解|解析|剖析|总结|小结|笔记|教程|实战|入门|简介|介绍|概述|学习|指南|专题|速览|精讲|初探|浅析|梳理|整理)$"
)
OF_WHAT = regex(
    r"(?P<head>.{2,30}?)(?:都|各自|分别|之间)?\s*(?:有(?:什么|哪些|何|啥|几[个种])|是(?:什么|如何|怎[么样]|怎样)|怎么[样用]?$|如何[^\s]{2,4}$|为什么|由哪|包括哪|包含哪|分为哪).*$"
)
"""A question in Chinese, behind what it is about."""
NEEDED = regex(r"^(?:我们)?(?:为什么|為什麼|为何)(?:需要|要|使用|要用|用|要有|有|引入|提出|會|会)?\s*(?P<head>(?![是会不最很要能都这那])\S.{1,20}?)[？?]?$")
WORKS = regex(r"^how\s+(?:do|does|is|are)\s+(?:the\s+|an?\s+)?(?P<head>.{2,40}?)(?:\s+(?:work|works|evaluated|trained|used|differ|learn)\b.*)?$", re.IGNORECASE)
ORDER = regex(
    r"""^(?:use|using|try|reduce|increase|avoid|do|add|adding|set|setting|get|getting|run|running|make|making|install|installing|load|loading
    |save|saving|check|checking|choose|choosing|create|creating|build|building|generate|generating|test|testing|view|viewing|change|changing
    |interact|interacting|tackle|tackling|put|putting|write|writing|review|reviewing|watch|consider|define|defining|prepare|preparing
    |import|importing|download|downloading|start|starting|compare|comparing|solve|solving|fix|fixing|improve|improving|handle|handling
    |see|let|remember|note|enable|enabling|disable|configure|configuring|implement|implementing|viewing,)\b(?!-)""",
    re.IGNORECASE | re.VERBOSE,
)
"""What orders or tells of doing something names no thing."""
ORDER_ZH = regex(
    r"^(?:如何|怎么|怎样)?(?:选择|使用|检查|加载|定义|准备|安装|下载|开始|构建|实现|设置|添加|配置|运行|测试|导入|演示|自定义|处理|探究|了解|查看|编写|创建|修改|解决|避免|确定|判断|获取|读取|执行|提取|启动)"
    r"(?P<name>\s*`?[A-Za-z][\w.+/-]*`?)?(?P<rest>.*)$"
)
"""The same in Chinese, before what it is done to: `定义LoraConfig`."""
CLAUSE = regex(
    r"""[，,；;。！!]\s*\S|了(?!解)|^[在当如若不对从这那由因把将用与和为给让其]|^(?:假设|考虑|以下|例如|比如|关键在于|可以|应该|需要|建议|我的?)|如下|以下|下[面图列]|我们|你|大家|[会能]被|进行.*操作|不同$|(?:包括|包含|如下|在于|有|是|为|等|设为.*)$|被.{2,}
    |https?$|[a-z]{3,}ed\s+(?:across|to|the|from|by|in|another|both|a|an|as|one|and)\b|\bmattered$
    |\b(?:is|are|was|were|can|should|will|has|have|had|does|do|we|you|your|our|my|here|there|what|which|these|this)\b|\.\.\.|…""",
    re.IGNORECASE | re.VERBOSE,
)
"""What states, points or announces."""
UNNAMED = regex(
    r"""^(?:待补充.*|面试.*|回首页|首页|返回.*|导入|引言|摘要|背景.*|动机|数据介绍|模型介绍|模型效果|效果.*|.{0,4}理解|形式化描述|.{0,4}教程列表|教程列表|快速开始|.{0,3}实验.{0,3}|其[他它].*|更多.*|一个.*|个人.*|知识点.*|关键点.*|题[目意解].*|解[题法].*|影响.*|补充.*|设定.*|重要.*|材料|主要结果.*|主要价值.*|具体.*|输入输出.*|代码.*|优化方向.*|训练命令|命令|典型应用.*|应用场景|主要.{0,6}|作者.*|前言.*|图\s*\d+.*|表\s*\d+.*|常见.{0,4}|基[础本].{0,2}
    |.{0,2}实际情况.*|准备.*|开始.*|前言|后记|目标|约定|符号.{0,2}|一些.*|几[个点种].*|两个.*|三个.*|四个.*|多个.*|相关.*|说明|总览|全文.*|正文|附录.*|方案.{0,2}|问题.{0,2}|优缺点.*|小技巧|技巧|注意.*|关于我.*|欢迎.*
    |[a-z]{1,2}\d?|tl;?dr|abstract|highlights?|introduction|related\s+works?|methods?|experiments?.*|results?|.*\bresults|conclusions?|discussion|appendix.*|warnings?.*|deprecated.*|todo.*|updates?\b.*|background
    |key\s.*|common\s.*|recommended\s.*|practical\s.*|core\s.*|primary\b.*|further\b.*|how\b.*|why\b.*|what\b.*|when\b.*|introduction\b.*|.*\bcopied\sfrom.*|component\s*\d*
    |questions?|other\b.*|more\b.*|code\b.*|some\b.*|general|programming|predictions?|pre-?processing|technical\s+details|implementation\s+details|api\s+reference|attribution|forward\s+pass
    |performance\s+tips|suggested\b.*|sources?\b.*|see\s+also|faqs?|pseudo\s*code|applications?\s+of\b.*|advantages?\s*/.*|disadvantage.*|demo.*|environment|two\b.*|three\b.*|four\b.*|several\b.*|main\b.*
    |the\s+(?:\w+\s)?(?:topic|leap|idea|picture|point|basics?|result|paper|math|intuition|setup|view)s?\b.*|the\s+(?:simple|complete|big|basic|conceptual|good|bad)\s.*|strengths?\b.*|useful\b.*|reading\b.*|levels\s.*|editorial\b.*|maintenance\b.*|entry\b.*|fig(?:ure)?s?\.?\s*\d*|table\s*\d+|basics?|terms?|glossary.*|example.*|readme|index|untitled|doc(?:ument)?s?|posts?|blog|chatgpt|answers?|q\s*&\s*a|qa|scenario.*|case\s*\d*)$""",
    re.IGNORECASE | re.VERBOSE,
)
"""Titles under which anything may stand."""
QUOTES = regex(r"^(?:[\"“「《'`*]+)(?P<inside>[^\"“”「」《》`*]+)(?:[\"”」》'`*]+)$")
NAMED_FIRST = regex(r"^(?P<name>[A-Za-z][\w.+-]*|[^:：]*[\u4e00-\u9fff][^:：]*)\s*[:：]\s*\S.*$")
"""A name before what it is short for, or before what is told of it: `LoRA: Low-Rank Adaptation of …`."""
KIND_FIRST = regex(r"^(?:\w+\s)?(?:guide|notes?|paper|summary|review|case\s+study|problem|example|fig(?:ure)?\.?|table|论文|笔记|总结|案例|示例|专题)\s*\w?\s*[:：]\s*", re.IGNORECASE)
"""What a document is, before its name: `Paper guide: Attention Is All You Need`."""
PATH = regex(r"^[\w.-]+(?:/[\w.-]+){2,}$|^\S*\.(?:py|md|ipynb|sh|json|ya?ml)$")
LATIN = regex(r"[!-~]")
LONGEST, LONGEST_ZH, MOST_WORDS = 40, 20, 6


@lru_cache(maxsize=4096)
def headword(title: str) -> str:
    """Return what a title names, as it is called within a sentence; empty where it names no thing."""
    plain = QUOTES.sub(r"\g<inside>", NUMBERED.sub("", title.strip())).rstrip("：:…").strip()
    if plain.endswith((".", "。")) and " " in plain:
        return ""
    if asked := NEEDED.match(plain) or WORKS.match(plain):
        plain = asked["head"].strip()
    else:
        plain = without_what_is(plain)
        if (asked := OF_WHAT.match(plain)) and not plain.isascii():
            plain = asked["head"]
        elif plain.endswith(("?", "？")):
            return ""
    plain = TRAILED_ZH.sub("", INTRODUCED_EN.sub("", plain))
    plain = NAMED_FIRST.sub(r"\g<name>", KIND_FIRST.sub("", TRAILED_EN.sub("", plain).strip())).rstrip("：: ")
    if done := ORDER_ZH.match(plain):
        plain = (done["name"] or "").strip()
    if len(plain) > (LONGEST if plain.isascii() else LONGEST_ZH + len(LATIN.findall(plain))) or len(plain.split()) > MOST_WORDS or PATH.match(plain):
        return ""
    if not plain or ORDER.match(plain) or CLAUSE.search(plain) or UNNAMED.match(plain):
        return ""
    return plain
