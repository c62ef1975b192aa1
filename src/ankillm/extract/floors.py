"""The least score that a concept has by what it is, whatever the ranking says of it."""

from ankillm.common.patterns import regex
from ankillm.extract.code_lines import stands_under_comment
from ankillm.extract.concepts import CodeGap, Concept, Definition, Question
from ankillm.extract.defining import is_called
from ankillm.extract.passage import Passage
from ankillm.extract.vocabulary import is_of_training
from ankillm.markdown.blocks import CodeBlock, Image

COMMENTED = 650
"""Of a token of code that a comment behind it explains, of the names in a list, or of a quantity of training that is
computed: made at density normal."""
LISTED = 605
"""Of a line in a table of two columns, a list of settings: made at density normal. Wider tables have no floor."""
ANSWERED = 605
"""Of a question that an author asks and answers, and of what something is called: made at density normal."""
ASKING = frozenset({"", "question", "command"})
"""Rules that find such questions: as a title, as a label or a line, and as what a command does."""
TITLED = ""
"""The rule that finds those that are titles."""
PAIR = 2
CONSTANT = regex(r"\s*[A-Z][A-Z\d_]*\s+=\s+['\"]?$")
"""What a constant in capitals is set to: `NSW = 100000`."""
MEANS = regex(r"[A-Za-z][\w.-]{0,16}\s?=\s?[\w.]{1,12} 表示")
"""What a setting means: `CF = 1.0 表示 …`."""
SHAPE = regex(r"[\[(]\s*[A-Za-z\d]\w*(?:\s*[*+-]\s*\w+)*(?:\s*,[^\])]*)?[\])]")
"""The shape of what a line computes: `[B, T]`."""
OWN = regex(r"self\.\w+(?:\(\))?")
"""What the note's own class has: `self.update()`."""
PLAIN_CALL = regex(r"[a-z]+(?:\(\)|\()")
"""A call of a name of one word that nothing owns: `sgd(…)`."""
CHOSEN = regex(r"\s*\w+(?:\s*:\s*\w+)?\s*=\s*-?\d[\d_.]*(?:e-?\d+)?")
"""A number that one run was made with: `lr = 3e-2`; the arguments of a call are others."""
NAME = regex(r"[A-Za-z_]\w*")
OF_OTHERS = regex(r"\b(?:re|random|np|numpy|os|json|time|math|string|plt|pd|ax|sns)\.$")
"""What any program calls: `random.shuffle(…)`."""
QUOTES, OPERATORS = ("'", '"'), ("*", "/")
SETTINGS = frozenset({"yaml", "yml", "toml", "ini", "conf", "env", "properties"})


def floor_of(concept: Concept, passage: Passage) -> int:
    """Return the least score, of a thousand, of what a rule found in a passage."""
    if isinstance(concept, Question) and concept.place.rule in ASKING:
        return 0 if concept.place.rule == TITLED and _goes_on(concept, passage) else ANSWERED
    if isinstance(concept, Definition) and (is_called(passage.text) or MEANS.match(f"{concept.term} {concept.text}")):
        return ANSWERED
    if concept.place.rule == "code":
        return 0 if _is_computed(concept) or _configures(passage) else COMMENTED
    return LISTED if concept.place.rule == "table" and len(passage.head) == PAIR else 0


def _goes_on(concept: Question, passage: Passage) -> bool:
    """Whether more is told under a question than its answer has, so that this is likely half of one.

    Pictures and code only show what was told; sections below are others.
    """
    told = [block for block in passage.section.blocks if not isinstance(block, Image | CodeBlock)]
    return bool(told) and concept.place.end < told[-1].end


def _configures(passage: Passage) -> bool:
    """Whether code is a file of settings, whose comments translate the names of somebody's project."""
    return isinstance(passage.block, CodeBlock) and (passage.block.language or "").lower() in SETTINGS


def is_named_in_training(concept: CodeGap) -> bool:
    """Whether what is hidden in code, or what it is set to, has a name in a library by which models are trained.

    What has none is of the note's own program, or of any program. In what is computed, names of one word say nothing.
    """
    hidden = concept.code[concept.start : concept.end]
    if OF_OTHERS.search(concept.code, 0, concept.start):
        return False
    names = NAME.findall(concept.name if hidden[:1] in QUOTES else f"{concept.name} {hidden}")
    if concept.asked == "formula" or hidden[:1] in OPERATORS:
        return any("_" in name and is_of_training(name) for name in NAME.findall(hidden))
    return any(map(is_of_training, names))


def _is_computed(concept: Concept) -> bool:
    """Whether code computes what training has no name for, sets a constant, or follows what a comment announces."""
    if not isinstance(concept, CodeGap):
        return False
    line = concept.code[: concept.start].rpartition("\n")[2]
    return (
        bool(CONSTANT.match(line))
        or (concept.asked == "formula" and not is_named_in_training(concept))
        or _is_of_this_code(concept.code, concept.start, concept.end)
        or stands_under_comment(concept.language, concept.code, concept.start)
    )


def _is_of_this_code(code: str, start: int, end: int) -> bool:
    """Whether what is hidden in code is a shape, a number of one run, or a name that only this code has."""
    first = code.rfind("\n", 0, start) + 1
    before, hidden, after = code[first:start], code[start:end], code[end : end + 1]
    owned = before[before.rfind(" ") + 1 :] + hidden
    if SHAPE.fullmatch(hidden) or OWN.fullmatch(owned) or PLAIN_CALL.fullmatch(owned + after):
        return True
    return after != "," and bool(CHOSEN.fullmatch(before + hidden))
