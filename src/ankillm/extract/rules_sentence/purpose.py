"""What something is for: a means with the end that it serves.

Before: `想要完整模型先 `merge_and_unload()``; `用分隔符把指令和文本隔开，可以防止注入`.
After: the end asked for its means; the means asked for their effect.
"""

import re

from ankillm.common.patterns import regex
from ankillm.extract.concepts import Concept, Question
from ankillm.extract.pieces import Piece
from ankillm.extract.scope import Scope, is_name
from ankillm.markdown.inline import plain_text
from ankillm.markdown.sentences import joined_words, sentences

WANTED = regex(
    r"""(?:^|[，,；;。]\s*)(?:如果)?(?:想要?|要想|若要|要是要|需要)\s*(?P<end>[^，,。；;`]{2,24}?)[，,]?\s*(?:的话)?[，,]?\s*(?:就|则|可以|应该?|要|得|先|再|直接)+
      \s*(?:用|使用|调用|设置?|加上?|打开|选|换成?)?\s*(?P<means>`[^`\n]{2,60}`)""",
    re.VERBOSE,
)
SERVES = regex(
    r"""^(?P<means>(?:用|使用|采用|通过|加|把|将|允许|给|对|在)[^，,；;。：:]{3,40})[，,]\s*(?:这样)?(?:就?可以|就?能够?|从而|用来|以便|以|来)*
      \s*(?P<effect>(?:防止|避免|减少|缓解|加速|加快|提高|提升|降低|节省|减小|保证|方便|省)[^；;。]{2,40})[。；;]?$""",
    re.VERBOSE,
)


def purpose(piece: Piece, scope: Scope) -> list[Concept]:
    """Return a question for each means or effect that the sentences of a piece tell in Chinese."""
    if scope.language != "zh" or ("`" not in piece.text and "，" not in piece.text and "," not in piece.text):
        return []
    found: list[Concept] = []
    for sentence in sentences(piece.text):
        if match := WANTED.search(sentence):
            found.append(
                Question(
                    scope.place(piece), joined_words("想要", plain_text(match["end"]), "，怎么做？"), match["means"]
                )
            )
        served = SERVES.match(sentence) if not piece.label or not is_name(piece.label) else None
        if served:
            about = f"{scope.subject}：" if scope.subject and scope.subject not in sentence else ""
            asked = joined_words(about, plain_text(served["means"]), "，有什么作用？")
            found.append(Question(scope.place(piece), asked, served["effect"]))
    return found
