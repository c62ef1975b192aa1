"""The English words by which a statement is read."""

import re

from ankillm.common.patterns import regex

ANY_CASE = re.IGNORECASE
PRONOUN = regex(
    r"^(?:(?:it|this|they)(?=\s)|(?:this|these|the)\s(?:method|approach|technique|model|algorithm|function|metric"
    r"|layer|process|strategy|paper|trick)s?(?=\s))",
    ANY_CASE,
)
POINTING = regex(
    r"^(?:it|its|it's|this|that|these|those|they|their|them|he|she|his|her|here|there|such|the (?:latter|former"
    r"|above|other|others|same|following|first|second|rest)|both|another|one|each|we|you|i|which|who|what"
    r"|as (?:you|we) )\b",
    ANY_CASE,
)
VAGUE = regex(
    r"^(?:(?:not|very|more|quite|really|so|much|also|a bit)\s+)*(?:good|great|important|useful|crucial|simple"
    r"|easy|hard|difficult|possible|necessary|better|worse|common|different|the (?:most|least|best) \w+|the same"
    r"|true|false|yes|no|necessary|needed|used|helpful|key)\W*$",
    ANY_CASE,
)
THIRD = {
    word: base
    for base, word in (
        pair.split("/")
        for pair in """
        use/uses measure/measures return/returns require/requires need/needs compute/computes predict/predicts
        provide/provides keep/keeps give/gives contain/contains include/includes combine/combines
        apply/applies add/adds take/takes learn/learns reduce/reduces improve/improves increase/increases
        decrease/decreases make/makes help/helps allow/allows enable/enables encode/encodes map/maps
        represent/represents store/stores split/splits replace/replaces freeze/freezes train/trains
        update/updates minimize/minimizes maximize/maximizes optimize/optimizes produce/produces
        generate/generates work/works depend/depends consist/consists lead/leads solve/solves avoid/avoids
        prevent/prevents remove/removes scale/scales save/saves support/supports assume/assumes show/shows
        describe/describes control/controls determine/determines define/defines perform/performs
        multiply/multiplies divide/divides consider/considers ignore/ignores capture/captures
        introduce/introduces drop/drops treat/treats compare/compares select/selects choose/chooses
        normalize/normalizes penalize/penalizes try/tries aim/aims tend/tends serve/serves convert/converts
        cause/causes mean/means refer/refers ensure/ensures run/runs start/starts share/shares
        quantize/quantizes shrink/shrinks stabilize/stabilizes lower/lowers cost/costs hurt/hurts get/gets
        set/sets rely/relies focus/focuses score/scores belong/belongs differ/differs do/does operate/operates
        process/processes act/acts sum/sums average/averages rescale/rescales pick/picks inject/injects
        hold/holds fetch/fetches retrieve/retrieves rank/ranks filter/filters decode/decodes detect/detects
        extract/extracts merge/merges visualize/visualizes visualise/visualises sample/samples
        decompose/decomposes bound/bounds limit/limits restrict/restricts
        eliminate/eliminates ask/asks tell/tells specify/specifies indicate/indicates adapt/adapts
        attend/attends look/looks output/outputs decide/decides clip/clips mask/masks discard/discards
        count/counts assign/assigns fit/fits handle/handles move/moves place/places speed/speeds
        approximate/approximates inherit/inherits start/starts stop/stops stay/stays grow/grows
        achieve/achieves reach/reaches exploit/exploits skip/skips lose/loses go/goes hide/hides merge/merges
        evaluate/evaluates see/sees say/says prefer/prefers force/forces lead/leads fail/fails
        receive/receives return/returns insert/inserts tie/ties read/reads write/writes send/sends flow/flows
        become/becomes change/changes double/doubles halve/halves follow/follows exist/exists
        concatenate/concatenates correspond/corresponds come/comes appear/appears happen/happens
        expect/expects group/groups match/matches vary/varies rotate/rotates pool/pools cut/cuts pad/pads
        quantise/quantises optimise/optimises minimise/minimises normalise/normalises recompute/recomputes
        chop/chops stack/stacks partition/partitions shard/shards repeat/repeats copy/copies load/loads
        truncate/truncates identify/identifies subtract/subtracts borrow/borrows
        """.split()
    )
}
"""Verbs as they stand after he, she or it, with what stands in a question."""
HOMOGRAPHS = frozenset(
    """
    processes groups outputs scores costs samples measures means maps masks sums averages bounds limits fits
    places counts matches changes runs starts sets works shows shares moves steps drops uses scales needs
    looks stops reads writes weights numbers functions
    """.split()
)
SURE = sorted(set(THIRD) - HOMOGRAPHS)
"""Verbs that are no nouns in the plural."""
BASES = frozenset(THIRD.values())
VERBED = regex(
    rf"^(?P<np>[^,;:()]{{2,60}}?)\s+(?P<adv>(?:only|also|usually|often|typically|simply|just|generally"
    rf"|then)\s+)?(?P<verb>{'|'.join(sorted(THIRD))})\b\s*(?P<rest>.*)$"
)
PLURAL = regex(rf"^(?P<np>[^,;:()]{{2,60}}?s)\s+(?P<verb>{'|'.join(sorted(BASES))})\b\s*(?P<rest>.*)$")
INNER = regex(
    r"\b(?:that|which|who|is|are|was|were|if|when|because|while|since|than|and then|but|can|will|should)\b", ANY_CASE
)
"""What makes a noun phrase a clause."""
IF = regex(
    r"^(?P<word>as of|if|when|whenever|unless|once|without|after|before|during|while|with|for|to|in order to|by)\s",
    ANY_CASE,
)
NUMBER = regex(
    r"^[~≈<>≤≥]?\s*\$?[\d.,]+(?:e-?\d+)?\s*(?:[–-]\s*[\d.,]+)?\s*(?:%|x|×|[A-Za-z]{0,9})(?:\s(?:tokens|bits?"
    r"|bytes|GB|MB|epochs|steps|layers|heads|billion|million))?$"
)
BRACKETS = regex(r"\s*\([^()]*\)\s*$")
SHORTEST_TEXT = 4
LONGEST_NAME = 48
FINITE = regex(
    rf"\S\s(?:is|are|was|were|can|must|will|should|has|have|may|might|could|would|had|{'|'.join(SURE)})(?=\s|$)"
    rf"|\S\s[a-z]{{2,}}s\s(?:the|an?|its|their|all|each|every|down|up|to|only)\s",
    ANY_CASE,
)
LINKED = regex(r"\b(?:in|of|with|for|vs\.?|versus|and|on|to|by|as)\b", ANY_CASE)
LONGEST_OBJECT = 6
SMALLEST_LABEL = 4
POINTS = regex(r"\b(?:this|these|those|them|it|they|latter|former|itself)\b", ANY_CASE)
"""Words that stand for a thing that is named elsewhere."""
