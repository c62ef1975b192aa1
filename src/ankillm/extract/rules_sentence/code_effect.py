"""What a piece of code does, said in a clause that starts with it.

Before: `` `model.eval()` 关掉 dropout，`torch.no_grad()` 不记录梯度``. After: each with what it does.
"""

from ankillm.common.patterns import HAN, regex
from ankillm.extract.concepts import Concept, Definition
from ankillm.extract.pieces import Piece
from ankillm.extract.scope import Scope
from ankillm.markdown.sentences import sentences
from ankillm.markdown.spans import is_within

NO_VERB = "还又的和与跟及或、在对中里上下也都等为是并时逐各个条位维层次，,。；;：:（(/→="
CLAUSE = regex(
    rf"(?:^|[，,；;。]\s*)`(?P<term>(?!\d)[^`\s,]{{2,60}})`\s*(?P<text>(?![{NO_VERB}]){HAN}[^，,；;。]{{3,60}})"
)


def code_effect(piece: Piece, scope: Scope) -> list[Concept]:
    """Return what each piece of code in a piece does, where clauses of its sentences start with code."""
    if "`" not in piece.text:
        return []
    return [
        Definition(scope.place(piece), match["term"], match["text"].strip(), scope.owner)
        for sentence in sentences(piece.text)
        for match in CLAUSE.finditer(sentence)
        if not is_within(sentence, match.end())
    ]
