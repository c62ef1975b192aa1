"""The English words by which a statement is read."""

import re

from ankillm.common.patterns import regex

I = re.IGNORECASE
PREFIX = regex(
    r"""^(?:\w+ly(?=,)|however|in\ other\ words|note(?:\ that)?|keep\ in\ mind\ that|also|first(?:ly)?|second(?:ly)?|third(?:ly)?|finally|next|then|so(?!\ far)|but|and|or|because\ of\ this|that\ means\ that|in\ (?:practice|theory)|interesting(?:ly)?|q:|a:|definition:
      |therefore|thus|hence|in\ addition|additionally|moreover|furthermore|besides|for\ (?:example|instance)|e\.g\.|specifically|in\ particular
      |basically|essentially|generally|usually(?=,)|typically(?=,)|in\ general|of\ course|actually|in\ fact|indeed|similarly|instead(?=,)|as\ a\ result|meanwhile|importantly
      |that\ (?:is|means\ that)|this\ means\ that|i\.e\.|remember(?:\ that)?|recall\ that|as\ mentioned\ (?:earlier|above|before)|on\ the\ other\ hand|in\ short|in\ summary|overall|because\ of\ this|again)
      (?![\w'-])\s*[,:]?\s*""",
    re.VERBOSE | I,
)
"""What only joins a sentence to the one before."""
PRONOUN = regex(
    r"^(?:(?:it|this|they)(?=\s)|(?:this|these|the)\s(?:method|approach|technique|model|algorithm|function|metric|layer|process|strategy|paper|trick)s?(?=\s))",
    I,
)
POINTING = regex(
    r"^(?:it|its|it's|this|that|these|those|they|their|them|he|she|his|her|here|there|such|the (?:latter|former|above|other|others|same|following|first|second|rest)|both|another|one|each|we|you|i|which|who|what|as (?:you|we) )\b",
    I,
)
UNFIT = regex(
    r"\[\^|think of it|\bwe want\b|\bhere\b|couple of|(?:the|this) (?:tutorial|course|lecture|paper we)|:cite:|:numref:|TL;DR|^\s*(?:Q|Question)\s*\d*:|^where\b|(?<!\$)\\[a-z]{3}|[_^]\{|^(?:to|for|in|with|by|at|from|after|during) (?:this|these|that|those|it|which)\b|(?<![\w$`])(?:I|I'm|I'll|I've|my|me|let's|lol|haha)(?![\w$`'])|\b(?:see (?:below|above|figure|section)|as (?:shown|seen|mentioned)|do this|of this|the above|this is why|in this case|these cases|we (?:hypothesi[sz]e|propose|will (?:use|see|show|look|discuss|be)|also|then|find|found|observe|believe|introduce)|we'll|figure \d|below|above example|this (?:tutorial|post|article|notebook|section|chapter)|click|gonna|!\[)|https?://"
)
FUNCTION_WORDS = regex(
    r"^(?:(?:the|an?|of|to|in|on|at|is|are|was|be|been|it|its|this|that|and|or|but|not|very|more|as|for|with|by|from|so|can|will|we|you|they|do|does|have|has|\W+)(?:\s+|$))+$",
    I,
)
VAGUE = regex(
    r"^(?:(?:not|very|more|quite|really|so|much|also|a bit)\s+)*(?:good|great|important|useful|crucial|simple|easy|hard|difficult|possible|necessary|better|worse|common|different|the (?:most|least|best) \w+|the same|true|false|yes|no|necessary|needed|used|helpful|key)\W*$",
    I,
)
LOW = regex(
    r"^(?:The|An?|This|These|Each|Every|Most|Many|Some|All|In|For|With|Without|When|If|During|After|Before|Using|Training|Only|Both|Any|No|Our|Its)\b"
)
CAPITAL = regex(r"^[A-Z](?=[a-z]+(?:ing|tion|ment|ed|s)?\b)")
THIRD = {
    word: base
    for base, word in (
        pair.split("/")
        for pair in """use/uses measure/measures return/returns require/requires need/needs compute/computes predict/predicts provide/provides
        keep/keeps give/gives contain/contains include/includes combine/combines apply/applies add/adds take/takes learn/learns reduce/reduces
        improve/improves increase/increases decrease/decreases make/makes help/helps allow/allows enable/enables encode/encodes map/maps
        represent/represents store/stores split/splits replace/replaces freeze/freezes train/trains update/updates minimize/minimizes
        maximize/maximizes optimize/optimizes produce/produces generate/generates work/works depend/depends consist/consists lead/leads
        solve/solves avoid/avoids prevent/prevents remove/removes scale/scales save/saves support/supports assume/assumes show/shows
        describe/describes control/controls determine/determines define/defines perform/performs multiply/multiplies divide/divides
        consider/considers ignore/ignores capture/captures introduce/introduces drop/drops treat/treats compare/compares select/selects
        choose/chooses normalize/normalizes penalize/penalizes try/tries aim/aims tend/tends serve/serves convert/converts cause/causes
        mean/means refer/refers ensure/ensures run/runs start/starts share/shares quantize/quantizes shrink/shrinks stabilize/stabilizes
        lower/lowers cost/costs hurt/hurts get/gets set/sets rely/relies focus/focuses score/scores belong/belongs differ/differs do/does
        operate/operates process/processes act/acts sum/sums average/averages rescale/rescales pick/picks inject/injects hold/holds
        sample/samples decompose/decomposes bound/bounds limit/limits restrict/restricts eliminate/eliminates ask/asks tell/tells
        specify/specifies indicate/indicates adapt/adapts attend/attends look/looks output/outputs decide/decides clip/clips mask/masks
        discard/discards count/counts assign/assigns fit/fits handle/handles move/moves place/places speed/speeds approximate/approximates
        inherit/inherits start/starts stop/stops stay/stays grow/grows achieve/achieves reach/reaches exploit/exploits skip/skips lose/loses go/goes hide/hides merge/merges evaluate/evaluates see/sees say/says
        prefer/prefers force/forces lead/leads fail/fails receive/receives return/returns insert/inserts tie/ties read/reads write/writes
        send/sends flow/flows become/becomes change/changes double/doubles halve/halves follow/follows exist/exists concatenate/concatenates
        correspond/corresponds come/comes appear/appears happen/happens expect/expects group/groups match/matches vary/varies rotate/rotates
        pool/pools cut/cuts pad/pads quantise/quantises optimise/optimises minimise/minimises normalise/normalises recompute/recomputes
        chop/chops stack/stacks partition/partitions shard/shards repeat/repeats copy/copies load/loads truncate/truncates""".split()
    )
}
"""Verbs as they stand after he, she or it, with what stands in a question."""
HOMOGRAPHS = frozenset(
    "processes groups outputs scores costs samples measures means maps masks sums averages bounds limits fits places counts matches changes runs starts sets works shows shares moves steps drops uses scales needs looks stops reads writes weights numbers functions".split()
)
SURE = sorted(set(THIRD) - HOMOGRAPHS)
"""Verbs that are no nouns in the plural."""
BASES = frozenset(THIRD.values())
AUX = regex(
    r"^(?P<np>[^,;:()]{2,60}?)\s+(?P<aux>is|are|was|were|can|cannot|can't|should(?:n't)?|must(?:n't| not)?|will|won't|could|don't|doesn't|do not|does not|isn't|aren't)\s+(?P<rest>.{3,})$"
)
VERBED = regex(
    rf"^(?P<np>[^,;:()]{{2,60}}?)\s+(?P<adv>(?:only|also|usually|often|typically|simply|just|generally|then)\s+)?(?P<verb>{'|'.join(sorted(THIRD))})\s*(?P<rest>.*)$"
)
PLURAL = regex(rf"^(?P<np>[^,;:()]{{2,60}}?s)\s+(?P<verb>{'|'.join(sorted(BASES))})\s*(?P<rest>.*)$")
INNER = regex(
    r"\b(?:that|which|who|is|are|was|were|if|when|because|while|since|than|and then|but|can|will|should)\b", I
)
"""What makes a noun phrase a clause."""
IF = regex(
    r"^(?P<word>as of|if|when|whenever|unless|once|without|after|before|during|while|with|for|to|in order to|by)\s", I
)
ADVICE = regex(
    r"^(?:you\s(?:can|should|need\sto|must|may|could|might|have\sto)|we\s(?:can|should|need\sto|must)|(?:please\s|just\s|simply\s|try\s(?:to\s)?|make\ssure|consider)?(?:don't|do not|never|add|adjust|avoid|change|check|choose|consider|decrease|disable|enable|ensure|increase|keep|lower|make|pass|pick|prefer|reduce|remove|set|start|switch|try|turn|use|run|load|freeze)\b|it(?:'s| is) (?:best|better|recommended|important))",
    I,
)
NUMBER = regex(
    r"^[~≈<>≤≥]?\s*\$?[\d.,]+(?:e-?\d+)?\s*(?:[–-]\s*[\d.,]+)?\s*(?:%|x|×|[A-Za-z]{0,9})(?:\s(?:tokens|bits?|bytes|GB|MB|epochs|steps|layers|heads|billion|million))?$"
)
