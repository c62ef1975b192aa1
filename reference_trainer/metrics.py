"""Metrics: perplexity, BLEU, ROUGE, precision and recall, each by its definition on texts that one can count by hand.

Perplexity is e to the mean loss, in natural logarithms, over all tokens that are predicted (Jelinek et al. 1977). It is
the number of equally likely tokens that a model hesitates between: a model that knows nothing has the size of its
vocabulary, one that is always sure and right has 1. The mean goes over tokens; the mean of sentences' perplexities is
another number. Those of models with different tokenizers cannot be compared.

An n-gram model counts: P(word | word before) = how often both stand together / how often the first does. What was never
seen has the probability 0, and a text that holds it an infinite perplexity; add-one smoothing (Laplace) counts all once
more.

BLEU (Papineni et al. 2002, https://aclanthology.org/P02-1040) asks how much of the candidate is in the reference: the
share of its n-grams (n = 1 to 4), counted at most as often as the reference has them (clipping), by geometric mean,
times the brevity penalty e^(1 − r/c) for a candidate of c words that is shorter than the reference's r. It measures a
corpus; a sentence without any common 4-gram has 0.

ROUGE (Lin 2004, https://aclanthology.org/W04-1013) asks how much of the reference is in the candidate: ROUGE-N is the
recall of n-grams, ROUGE-L that of the longest common subsequence.

Precision is the share of what was called positive that is; recall, the share of what is positive that was found; F1 is
their harmonic mean, near the smaller one. Accuracy says little where one class is rare.
"""

import itertools
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from matplotlib.figure import Figure
from torch.nn import functional

from ankillm.evidence import fact, publish
from reference_trainer.support.pictures import curves
from reference_trainer.support.reproducible import reproducible

TERMS = (
    "N-gram 语言模型",
    "n-gram language model",
    "n-gram model",
    "统计语言模型",
    "马尔可夫性假设",
    "混淆矩阵",
    "confusion matrix",
)
MISREADINGS = (
    {
        "pattern": (
            r"(困惑度|PPL|perplexity)[^。.，,]{0,8}越[大高][^。.]{0,12}越好",
            r"the (higher|larger) the perplexity[^.]{0,40}better",
            (
                r"(困惑度|PPL|perplexity)(越|较|更|很)?(高|大)[，,]?(则|就|说明|表示|意味着|代表|"
                r"表明)(语言)?(模型)?(的)?(预测|效果|性能|质量|能力|表现)?(得|就|也)?(越|更|很|较)?(好|准确|准|"
                r"强)(?!坏|像)"
            ),
            (
                r"(a )?(higher|larger) (perplexity|PPL) (means|indicates|implies|suggests|is) (a |"
                r"that the (language )?model is )?(better|more accurate)"
            ),
            (
                r"(困惑度|PPL|perplexity)(（[^）\n]{0,12}）|\([^)\n]{0,12}\))?[：:，, ]{0,2}(the )?(越高|越大|"
                r"higher|larger|bigger)[，,]? ?(the |则|就|说明|表示|代表|意味着)?(语言)?(模型)?…(better|越好|"
                r"越强|更好|更强|越准|更准)"
            ),
            (
                r"(high|higher|large|larger) (perplexity|PPL)(?:(?!less|worse|poor|bad|lower|差|"
                r"弱)[^，,。；;.\n不非没未]){0,24}\b(well|better|good|accurate(ly)?|strong)\b"
            ),
        ),
        "about": ("困惑度", "PPL", "perplexity"),
        "unless": r"负对数|负的对数|倒数|negative|inverse|1 ?/ ?(PPL|perplexity)",
        "sure": True,
        "fact": "uniform_perplexity",
        "expectation": "< 2",
        "zh": "困惑度越低越好：什么都不懂的模型等于词表大小，完全确定且正确的是 1",
        "en": "lower is better: who knows nothing has the size of the vocabulary, who is always sure and right has 1",
    },
    {
        "pattern": (
            (
                r"(交叉熵|cross[- ]entropy|log loss)(损失|loss|误差)?[^。.，,\n]{0,60}(取值|值|范围|measured|"
                r"ranges?|value)[^。.，,\n]{0,16}(0 ?(到|至|~|～|-|—|–|和|与|and|to) ?1(?!\.?\d)|\[0, ?1\])"
            ),
            r"the loss (\(or error\) )?is measured as a number between 0 and 1",
            (
                r"(交叉熵|cross[- ]entropy|log loss)( ?损失| loss)?(函数)?(的)?(值|取值|大小)?(总是?|始终|一般|"
                r"通常)? ?(在|介于|位于|lies|is|falls|ranges) ?(always )?(between |from )?\[?0 ?(到|至|和|与|~|～|"
                r"and|to|,|，) ?1(?!\.?\d)"
            ),
        ),
        "about": ("交叉熵", "cross entropy", "cross-entropy", "log loss"),
        "unless": (
            r"概率的?(取?值|分布)?(在|为|是)|归一|标签平滑|除以|probabilit(y|ies) (value )?(of |is |"
            r"are )?between|input is a prob|normali[sz]ed|标签(在|为|是)|labels?\b"
        ),
        "sure": True,
        "fact": "uniform_loss",
        "expectation": "<= 1",
        "zh": "交叉熵没有上限：对 50 个词元均匀猜测就已是 ln 50",
        "en": "cross entropy has no upper bound: a guess at random among 50 tokens is ln 50 already",
    },
    {
        "pattern": r"(perplexity|ppl)s? ?= ?(sum\()?(total_?)?(perplexity|ppl)s?\)? ?/ ?len\((sentences|texts|sents)",
        "fact": "sentence_mean_excess",
        "expectation": "= 0%",
        "zh": "语料的困惑度不是各句困惑度的平均：先对所有词元平均损失，再取指数",
        "en": "no mean of sentences' perplexities: average the loss over all tokens first, then take e to it",
    },
    {
        "pattern": (
            r"ROUGE[^。.，,]{0,12}(只看|基于|关注|衡量|侧重|measures?|is based on)\s?(the )?(精确率|准确率|"
            r"精度|precision)(?![^。.]{0,8}(召回|recall))"
        ),
        "fact": "copied_rouge1",
        "expectation": "< 50%",
        "zh": "ROUGE-N 是召回率：把参考文本全包进去的冗长输出得满分",
        "en": "ROUGE-N is recall: a long output that holds all of the reference has full marks",
    },
    {
        "pattern": r"BLEU[^。.，,]{0,12}(基于|关注|衡量|侧重|measures?|is based on)\s?(the )?(召回率?|recall)",
        "fact": "short_bleu1_precision",
        "expectation": "< 50%",
        "zh": "BLEU 的主体是精确率：漏掉的内容只由长度惩罚管",
        "en": "BLEU is precision: what is left out shows in its brevity penalty only",
    },
    {
        "pattern": (
            r"(困惑度|PPL|perplexity)(的)?(取?值|范围|取值范围)?(总|始终|一般)?(是|为)? ?(在|介于|从|lies|"
            r"ranges|is|是|为) ?(always )?(between |from )?\[?0 ?(到|至|和|~|～|-|–|,|，|and|to) ?1(?!\.?\d)"
        ),
        "about": ("困惑度", "PPL", "perplexity"),
        "unless": r"归一|倒数|normali[sz]|inverse",
        "sure": True,
        "fact": "uniform_perplexity",
        "expectation": "<= 1",
        "zh": "困惑度没有上限，至少是 1：对 50 个词元均匀猜测就是 50",
        "en": "perplexity is at least 1 and has no upper bound: a guess at random among 50 tokens is 50",
    },
    {
        "pattern": (
            (
                r"F1`?( ?值| ?分数|[- ]?score)?(就)?(是|为|等于|即)(精确率|准确率|查准率|精度|precision|"
                r"P)(（[^）\n]{0,12}）)?(和|与|、| ?and ?)(召回率|查全率|recall|R)(（[^）\n]{0,12}）)?(的)?(算术|"
                r"简单)?平均(数|值)?"
            ),
            (
                r"F1([- ]?score)? is (just |simply )?the (arithmetic |simple )?(mean|"
                r"average) of (the )?precision and (the )?recall"
            ),
            (
                r"F1`?( ?值| ?分数|[- ]?score)?(就)?(是|为|等于|即)(精确率|准确率|查准率)(和|与|、)(召回率|"
                r"查全率)(的)?(算术|简单)?平均"
            ),
            r"F1 ?= ?\(? ?(precision|P|精确率) ?\+ ?(recall|R|召回率) ?\)? ?/ ?2",
        ),
        "about": ("F1", "F1 值", "F1-score", "F1 score"),
        "unless": r"调和|harmonic|加权|weighted|2 ?[*×·]|2PR|宏|macro|micro|frac|几何",
        "sure": True,
        "fact": "harmonic_f1",
        "expectation": "= 55%",
        "zh": "F1 是调和平均：精确率 100%、召回率 10% 时只有 18.2%，不是 55%",
        "en": "F1 is the harmonic mean: with a precision of 100% and a recall of 10% it is 18.2%, not 55%",
    },
    {
        "pattern": (
            (
                r"(困惑度|PPL|perplexity)(就)?(是|为|等于|即)(平均)?(交叉熵|损失|loss)(损失|函数|"
                r"值)?(的)?(自然)?对数(?!似然|概率|空间|损失)"
            ),
            (
                r"(perplexity|PPL) is (just |simply )?the (natural )?log(arithm)? of (the )?(average "
                r")?(cross[- ]entropy|loss)"
            ),
            r"(困惑度|PPL|perplexity)(就)?(是)?(对|将|把)(交叉熵|损失|loss)(损失|函数|值)?取(自然)?对数",
            (
                r"perplexity( of [^.,;\n]{0,24})? (is|equals) (just |"
                r"simply )?(the )?(natural )?log(arithm)? of (the |its |a |model's |average |mean |test |"
                r"token ){0,4}(cross[- ]entropy|loss)"
            ),
            r"(困惑度|PPL)(就)?(是|为|等于|即)…(交叉熵|损失)(的|取)(自然)?对数",
        ),
        "about": ("困惑度", "PPL", "perplexity"),
        "unless": r"指数|\bexp|e\^|的对数(就)?是(交叉熵|损失)",
        "sure": True,
        "fact": "perplexity_at_two",
        "expectation": "= 0.693",
        "zh": "困惑度是交叉熵的指数：损失为 2 时是 e² ≈ 7.39",
        "en": "perplexity is e to the cross entropy: 7.39 for a loss of 2",
    },
    {
        "pattern": (
            (
                r"(BLEU)?(的)?(长度惩罚|简短惩罚|brevity penalty)(（[^）\n]{0,20}）)?(因子|项|系数|BP)?(是)?(用来|"
                r"用于|会|为了)?惩罚(过长|太长|偏长|较长)"
            ),
            (
                r"brevity penalty (penali[sz]es|punishes) ((translations?|candidates?|outputs?|sentences?|"
                r"texts?) that are )?(too long|overly long|longer|long)\b"
            ),
            (
                r"BLEU(中|里)?(会|则)?(用|使用|通过|引入|采用)(了)?(长度惩罚|简短惩罚|brevity penalty)(项|因子|"
                r"系数)?(（[^）\n]{0,20}）)?(来)?(惩罚|抑制)(过长|太长|偏长|较长)"
            ),
        ),
        "about": ("BLEU",),
        "unless": r"过短|太短|short|束搜索|beam|GNMT",
        "sure": True,
        "fact": "brevity_penalty",
        "expectation": "= 1",
        "zh": "长度惩罚管的是过短的译文：只有参考三分之一长时乘以 0.135；过长的不罚",
        "en": (
            "the brevity penalty is for what is too short: 0.135 at a third of the reference's length; what is "
            "long is not punished by it"
        ),
    },
    {
        "pattern": (
            r"BLEU( ?指标)?(是)?(一种)?(主要)?(基于|衡量|关注|侧重|看重)(的是|于)?召回率?",
            r"BLEU is (a |an )?recall[- ](oriented|based)",
            r"BLEU(分数|指标|score| )?(是|是一种|属于)(一种)?(基于|面向|侧重|以)?召回率?(的|为主|导向)",
        ),
        "about": ("BLEU",),
        "unless": r"精确|precision|精度|变体|variant",
        "sure": True,
        "fact": "short_bleu1_precision",
        "expectation": "< 50%",
        "zh": "BLEU 的主体是精确率：漏掉的内容只由长度惩罚管",
        "en": "BLEU is precision: what is left out shows in its brevity penalty only",
    },
    {
        "pattern": (
            (
                r"ROUGE[^，,。；;\n召]{0,8}(精确率|精度|precision)(的)?[，,；;]?(而"
                r")?BLEU[^，,。；;\n精]{0,8}(召回率?|recall)"
            ),
            (
                r"BLEU[^，,。；;\n精]{0,8}(召回率?|recall)(的)?[，,；;]?(而)?ROUGE[^，,。；;\n召]{0,8}(精确率|"
                r"精度|precision)"
            ),
            r"ROUGE is (a )?precision[- ](based|oriented|focused)[^.;\n]{0,30}BLEU is (a )?recall",
            r"BLEU is (a )?recall[- ](based|oriented|focused)[^.;\n]{0,30}ROUGE is (a )?precision",
        ),
        "about": ("ROUGE",),
        "sure": True,
        "fact": "copied_rouge1",
        "expectation": "< 50%",
        "zh": "反了：ROUGE 看召回率，BLEU 看精确率",
        "en": "it is the other way round: ROUGE is recall, BLEU precision",
    },
)

VOCABULARY = 50
CORPUS = (
    "the cat sat on the mat",
    "the dog sat on the rug",
    "a bird sang",
)
UNSEEN = "the bird sat"
REFERENCE = "the quick brown fox jumps over the lazy dog"
CANDIDATE = "the quick brown fox sleeps under the lazy dog"
SCATTERED = "the dog and the fox jumps over a brown log"
COPIED = f"once upon a time it so happened that {REFERENCE} and that was the end of it"
SHORT = "the quick brown"
THE = "the the the the the the the"
CAT = "the cat is on the mat"
"""Papineni's own example, in section 2.1 of the paper."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """Metrics of small texts; the shares of words and n-grams can be counted by hand."""

    uniform_perplexity: float = fact(
        zh="对 50 个词元给出同样概率的模型的困惑度",
        en="perplexity of a model that gives 50 tokens the same probability",
        terms=("困惑度", "perplexity", "PPL"),
        question_zh="一个模型对 50 个词元给出同样的概率，困惑度是多少？",
        question_en="A model gives each of 50 tokens the same probability: what is its perplexity?",
    )
    uniform_loss: float = fact(
        zh="对 50 个词元均匀猜测时的交叉熵损失（自然对数）",
        en="cross entropy of a guess at random among 50 tokens, in natural logarithms",
        terms=("交叉熵损失", "cross-entropy loss"),
        question_zh="对 50 个词元均匀猜测，交叉熵损失（自然对数）是多少？",
        question_en="A guess at random among 50 tokens: what is its cross entropy, in natural logarithms?",
    )
    perplexity_at_two: float = fact(
        zh="平均交叉熵损失为 2（自然对数）时的困惑度",
        en="perplexity at a mean cross entropy of 2, in natural logarithms",
        terms=("困惑度", "perplexity", "PPL", "exp(loss)"),
        question_zh="平均交叉熵损失为 2（自然对数）时，困惑度是多少？",
        question_en="The mean cross entropy is 2, in natural logarithms: what is the perplexity?",
    )
    sentence_mean_excess: float = fact(
        zh="一元模型：逐句困惑度的平均值比整个语料的困惑度高多少",
        en="unigram model: by how much the mean of sentences' perplexities exceeds that of the corpus",
        unit="%",
        terms=("困惑度", "perplexity", "PPL"),
    )
    unseen_bigram_probability: float = fact(
        zh="二元模型给训练中没见过的词对的概率（不平滑）",
        en="probability that a bigram model gives a pair it has never seen, without smoothing",
        terms=("bigram", "trigram", "二元语法", "数据稀疏", "data sparsity", "零概率", "zero probability"),
        question_zh="没有平滑的二元模型给没见过的词对多大概率？",
        question_en="Without smoothing, what probability does a bigram model give a pair that it has never seen?",
        why_zh="概率是次数之比，没见过的词对次数为 0",
        why_en="the probability is a ratio of counts, and an unseen pair has none",
    )
    smoothed_perplexity: float = fact(
        zh="加一平滑后，含没见过词对的句子的困惑度（不平滑时为无穷大）",
        en="perplexity of a sentence with an unseen pair under add-one smoothing (without it: infinite)",
        terms=(
            "加一平滑",
            "拉普拉斯平滑",
            "平滑算法",
            "平滑处理",
            "add-one smoothing",
            "Laplace smoothing",
            "smoothing method",
        ),
        why_zh="每个词对的次数都加一，没有概率为 0 的了",
        why_en="each pair is counted once more, so that none has a probability of 0",
    )
    unclipped_precision: float = fact(
        zh="候选是七个 the 时，不截断的一元精确率",
        en="unigram precision of seven times “the” without clipping",
        unit="%",
        terms=("BLEU", "截断计数", "clipping of n-grams"),
        why_zh="每个 the 都在参考里出现过，不截断就都算对",
        why_en="each “the” stands in the reference, and without clipping each counts",
    )
    clipped_precision: float = fact(
        zh="候选是七个 the 时，BLEU 截断后的一元精确率（2/7）",
        en="unigram precision of seven times “the” with BLEU's clipping (2/7)",
        unit="%",
        terms=("BLEU", "截断计数", "clipped precision", "modified n-gram precision"),
        question_zh="参考 `the cat is on the mat`，候选是七个 `the`：BLEU 截断后的一元精确率是多少？",
        question_en="Reference `the cat is on the mat`, candidate seven times `the`: BLEU's clipped unigram precision?",
        why_zh="the 在参考里只有 2 个，候选的 7 个最多算 2 个",
        why_en="the reference has two “the”, so of seven at most two count",
    )
    brevity_penalty: float = fact(
        zh="候选长度只有参考的三分之一时，BLEU 的长度惩罚",
        en="BLEU's brevity penalty for a candidate a third as long as the reference",
        terms=("长度惩罚因子", "brevity penalty", "简短惩罚", "过短惩罚"),
        question_zh="候选的长度只有参考的三分之一，BLEU 的长度惩罚是多少？",
        question_en="A candidate is a third as long as the reference: what is BLEU's brevity penalty?",
    )
    short_bleu1_precision: float = fact(
        zh="只写出参考开头三个词的候选，一元精确率",
        en="unigram precision of a candidate that is the reference's first three words",
        unit="%",
        terms=("BLEU",),
    )
    scattered_bleu4: float = fact(
        zh="词大多相同、没有公共 4-gram 的句子的 BLEU-4",
        en="BLEU-4 of a sentence with most words but no 4-gram of the reference",
        terms=("BLEU-4", "BLEU"),
        question_zh="一个句子与参考有许多相同的词，却没有公共的 4-gram，它的 BLEU-4 是多少？",
        question_en="A sentence shares many words but no 4-gram with the reference: what is its BLEU-4?",
        why_zh="BLEU 是四个精确率的几何平均，一个为 0，整个就为 0",
        why_en="BLEU is a geometric mean of four precisions: one of 0 makes it 0",
    )
    rouge1_recall: float = fact(
        zh="参考 9 个词、候选命中 7 个时的 ROUGE-1 召回率",
        en="ROUGE-1 recall when 7 of the reference's 9 words are found",
        unit="%",
        terms=("ROUGE", "ROUGE-1", "ROUGE-N", "Rouge-N"),
        question_zh="参考有 9 个词，候选命中其中 7 个，ROUGE-1 召回率是多少？",
        question_en="7 of the reference's 9 words are in the candidate: what is its ROUGE-1 recall?",
        why_zh="召回率是命中的参考词占参考的比例：7/9",
        why_en="recall is the share of the reference that was met: 7 of 9",
    )
    rouge_l_recall: float = fact(
        zh="同一对句子的 ROUGE-L 召回率（最长公共子序列）",
        en="ROUGE-L recall of the same pair, by the longest common subsequence",
        unit="%",
        terms=("ROUGE-L", "最长公共子序列", "longest common subsequence"),
        why_zh="最长公共子序列有 7 个词，参考有 9 个",
        why_en="the longest common subsequence has 7 words, the reference 9",
    )
    copied_rouge1: float = fact(
        zh="把参考全文夹在废话里的候选，ROUGE-1 召回率",
        en="ROUGE-1 recall of a candidate that wraps the reference in idle words",
        unit="%",
        terms=("ROUGE", "ROUGE-1"),
    )
    copied_precision: float = fact(
        zh="把参考全文夹在废话里的候选，一元精确率",
        en="unigram precision of a candidate that wraps the reference in idle words",
        unit="%",
        terms=("ROUGE",),
    )
    rare_accuracy: float = fact(
        zh="1% 的样本为正，全部判为负时的准确率",
        en="accuracy of calling everything negative when 1% is positive",
        unit="%",
        terms=("准确率悖论", "class imbalance", "类别不平衡", "样本不均衡", "imbalanced data", "imbalanced dataset"),
        question_zh="1% 的样本为正，把所有样本判为负，准确率是多少？",
        question_en="1% of the examples are positive and all are called negative: what is the accuracy?",
        why_zh="99% 的样本本来就是负的",
        why_en="99% of the samples are negative anyway",
    )
    rare_recall: float = fact(
        zh="1% 的样本为正，全部判为负时的召回率",
        en="recall of calling everything negative when 1% is positive",
        unit="%",
        terms=("召回率", "recall rate"),
        why_zh="一个正样本也没有找到",
        why_en="not one positive sample was found",
    )
    harmonic_f1: float = fact(
        zh="精确率 100%、召回率 10% 时的 F1",
        en="F1 at a precision of 100% and a recall of 10%",
        unit="%",
        terms=("F1 值", "F1 score", "F1-score", "F1 分数", "精确率", "precision and recall"),
        question_zh="精确率 100%、召回率 10%，F1 是多少？",
        question_en="Precision is 100% and recall 10%: what is F1?",
    )
    perplexities: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Perplexity over mean losses from 0 to 4: for the picture."""


def run(device: torch.device, seed: int = 0) -> Metrics:
    """Measure every metric on its small texts."""
    with reproducible(seed):
        rare_true = [1] + 99 * [0]
        bigrams = Bigrams(CORPUS)
        return Metrics(
            uniform_perplexity=perplexity(torch.zeros(8, VOCABULARY, device=device)),
            uniform_loss=loss_of(torch.zeros(8, VOCABULARY, device=device)),
            perplexity_at_two=perplexity(logits_of_loss(2.0, device)),
            sentence_mean_excess=sentence_mean_excess(),
            unseen_bigram_probability=bigrams.probability("the", "bird"),
            smoothed_perplexity=bigrams.perplexity(UNSEEN, extra=1),
            unclipped_precision=100 * precision(THE, CAT, n=1, clip=False),
            clipped_precision=100 * precision(THE, CAT, n=1),
            brevity_penalty=brevity(SHORT, REFERENCE),
            short_bleu1_precision=100 * precision(SHORT, REFERENCE, n=1),
            scattered_bleu4=bleu(SCATTERED, REFERENCE),
            rouge1_recall=100 * precision(REFERENCE, CANDIDATE, n=1),
            rouge_l_recall=100 * common(REFERENCE.split(), CANDIDATE.split()) / len(REFERENCE.split()),
            copied_rouge1=100 * precision(REFERENCE, COPIED, n=1),
            copied_precision=100 * precision(COPIED, REFERENCE, n=1),
            rare_accuracy=100 * rare_true.count(0) / len(rare_true),
            rare_recall=100 * counted(rare_true, 100 * [0])[1],
            harmonic_f1=100 * f1(*counted(10 * [1] + 90 * [0], [1] + 99 * [0])),
            perplexities={"e to the loss": tuple(perplexity(logits_of_loss(loss / 10, device)) for loss in range(41))},
        )


def loss_of(logits: torch.Tensor) -> float:
    """Return the mean cross entropy of logits (tokens, vocabulary) when token 0 is right each time, in nats."""
    return functional.cross_entropy(logits.double().cpu(), torch.zeros(len(logits), dtype=torch.long)).item()


def perplexity(logits: torch.Tensor) -> float:
    """Return e to the mean loss of logits (tokens, vocabulary) when token 0 is right each time."""
    return math.exp(loss_of(logits))


def logits_of_loss(loss: float, device: torch.device) -> torch.Tensor:
    """Return logits (1, vocabulary) that give token 0 the probability e^(−loss), and the others alike."""
    rest = (1 - math.exp(-loss)) / (VOCABULARY - 1)
    probabilities = [math.exp(-loss), *(VOCABULARY - 1) * [rest]]
    return torch.tensor([probabilities], device=device).clamp_min(1e-30).log()


def sentence_mean_excess() -> float:
    """Return by how many percent the mean of sentences' perplexities exceeds that of the whole, by unigrams."""
    counts = Counter(word for line in CORPUS for word in line.split())
    losses = [[-math.log(counts[word] / counts.total()) for word in line.split()] for line in CORPUS]
    of_sentences = [math.exp(sum(line) / len(line)) for line in losses]
    whole = math.exp(sum(map(sum, losses)) / counts.total())
    return 100 * (sum(of_sentences) / len(of_sentences) / whole - 1)


class Bigrams:
    """A bigram model: counts of words and of pairs; a sentence starts after `<s>` and ends with `</s>`."""

    def __init__(self, corpus: Sequence[str]) -> None:
        """Count the pairs of some sentences."""
        self.pairs = Counter(pair for line in corpus for pair in self.of(line))
        self.firsts = Counter[str]()
        for (first, _), count in self.pairs.items():
            self.firsts[first] += count
        self.words = {second for _, second in self.pairs}

    @staticmethod
    def of(line: str) -> list[tuple[str, str]]:
        """Return the pairs of a sentence."""
        words = ["<s>", *line.split(), "</s>"]
        return list(itertools.pairwise(words))

    def probability(self, first: str, second: str, extra: int = 0) -> float:
        """Return P(second | first); `extra` is counted to every pair."""
        return (self.pairs[first, second] + extra) / (self.firsts[first] + extra * len(self.words))

    def perplexity(self, line: str, extra: int) -> float:
        """Return the perplexity of a sentence; infinite where a pair has the probability 0."""
        probabilities = [self.probability(*pair, extra) for pair in self.of(line)]
        if not all(probabilities):
            return math.inf
        return math.exp(-sum(map(math.log, probabilities)) / len(probabilities))


def ngrams(text: str, n: int) -> Counter[tuple[str, ...]]:
    """Count the n-grams of a text."""
    words = text.split()
    return Counter(tuple(words[at : at + n]) for at in range(len(words) - n + 1))


def precision(text: str, *others: str, n: int, clip: bool = True) -> float:
    """Return the share of the text's n-grams that the others have; clipped, each as often as one has it at most.

    The precision of a candidate against its references; the recall (ROUGE-N) of a reference against the candidate.
    """
    mine, theirs = ngrams(text, n), Counter[tuple[str, ...]]()
    for other in others:
        theirs |= ngrams(other, n)
    met = (mine & theirs).total() if clip else sum(count for gram, count in mine.items() if gram in theirs)
    return met / mine.total()


def brevity(candidate: str, reference: str) -> float:
    """Return BLEU's penalty for a candidate that is shorter than the reference."""
    return math.exp(min(0.0, 1 - len(reference.split()) / len(candidate.split())))


def bleu(candidate: str, reference: str, longest: int = 4) -> float:
    """Return BLEU against one reference: 0 where an order of n-grams is not met at all."""
    shares = [precision(candidate, reference, n=n) for n in range(1, longest + 1)]
    if not all(shares):
        return 0.0
    return brevity(candidate, reference) * math.exp(sum(map(math.log, shares)) / longest)


def common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the length of the longest common subsequence."""
    row = [0] * (len(other) + 1)
    for word in one:
        above = row
        row = [0]
        for at, same in enumerate(other):
            row.append(above[at] + 1 if word == same else max(above[at + 1], row[at]))
    return row[-1]


def counted(truth: Sequence[int], said: Sequence[int]) -> tuple[float, float]:
    """Return precision and recall; 0 where nothing was said to be positive, or nothing is."""
    hits = sum(both == (1, 1) for both in zip(truth, said, strict=True))
    return hits / max(sum(said), 1), hits / max(sum(truth), 1)


def f1(precise: float, found: float) -> float:
    """Return the harmonic mean of precision and recall."""
    return 2 * precise * found / (precise + found)


def draw(result: Metrics) -> Mapping[str, Figure]:
    """Draw perplexity over the loss."""
    losses = [loss / 10 for loss in range(41)]
    return {"perplexity": curves(result.perplexities, xs=losses, x="mean loss (natural logarithm)", y="perplexity")}


if __name__ == "__main__":
    publish(run, draw)
