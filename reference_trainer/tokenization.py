"""Tokenization: how text becomes numbers, by merging what often stands together.

Byte pair encoding (BPE, Sennrich et al. 2016, arXiv:1508.07909) starts with single characters and again and again makes
one token of the pair that is most frequent in the training text. The merges, in their order, are the tokenizer: a new
text is cut up by the same merges.

- Byte-level BPE (GPT-2, Llama 3, Qwen) starts with the 256 bytes of UTF-8, so there is no unknown character; the
  vocabulary is 256 and one a merge. A Chinese character is 3 bytes: it becomes one token only if the training text has
  it often enough.
- WordPiece (BERT) takes the longest piece that is in its vocabulary, from the left; `##` marks what continues a word.
  One character that it does not know makes the whole word `[UNK]`.
- A vocabulary of whole words knows no others.

The space belongs to the word after it: at the start of a text a word is another token than inside. A larger vocabulary
makes texts shorter and the embedding larger.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from matplotlib.figure import Figure
from tokenizers import Tokenizer, decoders, pre_tokenizers, trainers
from tokenizers.models import BPE, WordLevel, WordPiece

from ankillm.evidence import fact, publish
from reference_trainer.support.pictures import curves
from reference_trainer.support.reproducible import reproducible

TERMS = (
    "LLM 分词器",
    "分词器的构建",
    "训练分词器",
    "分词算法",
    "tokenization",
    "分词方法",
    "SentencePiece",
    "Unigram LM",
)
MISREADINGS = (
    {
        "pattern": (
            r"(一个|每个|1 ?个)(汉字|中文字符?)(就|即|总)?(是|等于|对应)(一个|1 ?个)\s?(token|词元)",
            r"(a|one|each) chinese character is (always )?(one|a single) token",
        ),
        "fact": "zh_after_english",
        "expectation": "= 1",
        "zh": "一个汉字占几个词元取决于训练语料：字节级 BPE 没学过中文时是三个",
        "en": "how many tokens a Chinese character takes hangs on the training text: three where there was no Chinese",
    },
    {
        "pattern": (
            r"(字节级|byte-level)\s?BPE[^。.，,不无没非没未]{0,10}(会|可能|may|can|"
            r"will)[^。.，,不无没非没未]{0,10}(OOV|UNK|未登录词|未知词|unknown)"
        ),
        "fact": "byte_unknown",
        "expectation": "> 0",
        "zh": "字节级 BPE 从 256 个字节开始，没有未知字符",
        "en": "byte-level BPE starts with 256 bytes: nothing is unknown to it",
    },
    {
        "pattern": (
            (
                r"(字节级|byte-level|BBPE)\s?(的 ?)?(BPE)?(分词)?(仍然?|还是?|也|依然)?(会|可能会?|可能)(遇到|"
                r"出现|产生|有|面临)(了)?(大量|一些)?的? ?(OOV|UNK|<unk>|\[UNK\]|未登录词|未知词|集外词)"
            ),
            (
                r"byte-level BPE (still |may |can |will |sometimes ){0,2}(produces?|has|have|gives?|yields?|"
                r"suffers? from|emits?) (an? |many |some )?(<unk>|\[?unk\b|OOV|unknown|out-of-vocabulary)"
            ),
            (
                r"byte-level BPE (can't|cannot|can not|is unable to) (encode|represent|handle|tokenize) (unseen|"
                r"unknown|rare|new|all|some)"
            ),
            r"byte-level BPE……(maps?|turns?|replaces?|converts?)…(<unk>|\[UNK\]|unknown token)",
        ),
        "about": ("字节级", "BBPE", "byte-level", "字节级 BPE"),
        "unless": r"解决|避免|avoid|solv|elimin|fewer|减少",
        "sure": True,
        "fact": "byte_unknown",
        "expectation": "> 0",
        "zh": "字节级 BPE 从 256 个字节开始，没有未知字符",
        "en": "byte-level BPE starts with 256 bytes: nothing is unknown to it",
    },
    {
        "pattern": (
            (
                r"(单词|词)(前面?|开头|之前)(的|有没有|有无|是否有|加不加)(空格)?(都)?(不会?|没有|并不)(影响|"
                r"改变)(它|其|该词|的){0,2}(分词|切分|token|编码|BPE)"
            ),
            (
                r"leading (white)?spaces? (does not|doesn't|do not|don't) (change|affect|influence) (how|"
                r"the) [^.;\n]{0,16}token"
            ),
        ),
        "about": ("BPE", "tokenizer", "分词", "分词器", "token", "tokens", "tokenized", "GPT-2"),
        "unless": r"BERT|WordPiece|strip|normali[sz]|去掉空格|中文",
        "sure": True,
        "fact": "space_matters",
        "expectation": "no",
        "zh": "同一个词在开头和在空格后是不同的词元",
        "en": "a word at the start is another token than after a space",
    },
    {
        "pattern": (
            r"(字节级 ?BPE|BBPE|byte-level BPE)[^。；;\n不无非没未]{0,10}(解码|还原)(后|时|之后)?(会)?(丢失|"
            r"损失|丢掉)(信息|内容|字符|空格|部分)"
        ),
        "about": ("字节级 BPE", "BBPE", "byte-level BPE", "字节级"),
        "unless": r"单个(词元|token)|截断",
        "sure": True,
        "fact": "comes_back",
        "expectation": "no",
        "zh": "字节级 BPE 编码再解码，文本一字不差",
        "en": "byte-level BPE gives back every text as it was",
    },
)

WORDS = 5 * ("low",) + 2 * ("lower",) + 6 * ("newest",) + 3 * ("widest",)
"""The example of Sennrich et al."""
ENGLISH = """
A language model reads text as a row of tokens. The tokens are pieces of words, found by counting which pieces stand
together most often in a large text. Frequent words become one token, and rare words are cut into several. When the
model writes, it gives each token of its vocabulary a probability, takes one of them, and reads it as the next token.
The more tokens a text has, the more the model has to compute, and the sooner its context is full.
"""
CHINESE = """
语言模型把文本读成一串词元。词元是词的片段，由统计大量文本中哪些片段最常一起出现而得到。常见的词成为一个词元，
少见的词被切成几个。模型写作时，给词表中的每个词元一个概率，取出其中一个，再把它当作下一个词元读入。文本的词元越多，
模型的计算就越多，上下文也就越快用完。
"""
UNSEEN = "quantized 量化 🤖"
MERGES = (0, 25, 50, 75, 100)


@dataclass(frozen=True, slots=True)
class Tokenization:
    """What tokenizers make of small texts; trained on an English one, a Chinese one, or both."""

    most_frequent_pair: int = fact(
        zh="low×5、lower×2、newest×6、widest×3：BPE 首先合并的字符对出现几次",
        en="low×5, lower×2, newest×6, widest×3: how often the pair occurs that BPE merges first",
        terms=("BPE 算法", "BPE 分词", "byte pair encoding", "byte-pair encoding", "字节对编码", "BPE"),
        question_zh="low×5、lower×2、newest×6、widest×3：BPE 首先合并的字符对出现了几次？",
        question_en="low×5, lower×2, newest×6, widest×3: how often does the pair occur that BPE merges first?",
        why_zh="e 和 s 相邻：newest 里 6 次，widest 里 3 次",
        why_en="e and s stand together 6 times in newest and 3 times in widest",
    )
    vocabulary_after_100: int = fact(
        zh="字节级 BPE 合并 100 次后的词表大小",
        en="vocabulary of byte-level BPE after 100 merges",
        terms=("BPE 算法", "BPE 分词", "byte pair encoding", "byte-pair encoding", "字节对编码", "BPE", "合并次数"),
        question_zh="字节级 BPE 合并 100 次后，词表有多大？",
        question_en="How large is the vocabulary of byte-level BPE after 100 merges?",
        why_zh="256 个字节，每次合并添一个：256 + 100",
        why_en="256 bytes, and one more for each merge: 256 + 100",
    )
    zh_without_merges: float = fact(
        zh="不做合并的字节级分词：一个汉字占几个词元",
        en="tokens of a Chinese character by bytes, without merges",
        terms=("字节级", "byte-level", "UTF-8"),
        why_zh="常用汉字的 UTF-8 编码是三个字节",
        why_en="a common Chinese character is three bytes in UTF-8",
    )
    en_after_english: float = fact(
        zh="在英文上合并 100 次后：每个英文字符占几个词元",
        en="tokens a character of English after 100 merges on English",
        terms=("压缩率", "tokens per character", "分词效率"),
        why_zh="常见的字母组合合成了一个词元，每个词元平均不到三个字符",
        why_en="frequent letters became one token, which holds almost three characters on the average",
    )
    zh_after_english: float = fact(
        zh="只在英文上合并 100 次：一个汉字占几个词元",
        en="tokens of a Chinese character after 100 merges on English alone",
        terms=("中文词表", "扩充词表", "词表扩充", "vocabulary extension", "汉字"),
        question_zh="字节级 BPE 只在英文上训练，一个汉字占几个词元？",
        question_en="Byte-level BPE is trained on English alone: how many tokens is a Chinese character?",
    )
    zh_after_chinese: float = fact(
        zh="在中文上合并 100 次后：一个汉字占几个词元",
        en="tokens of a Chinese character after 100 merges on Chinese",
        terms=("中文词表", "扩充词表", "词表扩充", "vocabulary extension"),
    )
    byte_unknown: int = fact(
        zh="字节级 BPE 读没见过的文字和表情，未知词元的个数",
        en="unknown tokens when byte-level BPE reads signs that it has never seen",
        terms=("OOV", "未登录词", "out-of-vocabulary", "out of vocabulary", "unknown words", "unk_token"),
        question_zh="字节级 BPE 读从没见过的汉字和表情，会产生几个未知词元？",
        question_en="Byte-level BPE reads signs that it has never seen: how many tokens are unknown?",
    )
    comes_back: bool = fact(
        zh="字节级 BPE 编码再解码，文本一字不差",
        en="byte-level BPE gives back every text as it was",
    )
    word_unknown_share: float = fact(
        zh="整词词表读一个新句子，未知词的占比",
        en="share of unknown tokens when a vocabulary of whole words reads a new sentence",
        unit="%",
        terms=("OOV", "未登录词", "out-of-vocabulary", "out of vocabulary", "unknown words"),
    )
    wordpieces: str = fact(
        zh="WordPiece 怎样切 unwanted running（BERT 的例子）",
        en="how WordPiece cuts “unwanted running”, BERT's own example",
        terms=("WordPiece", "子词", "subword", "sub-word", "wordpieces"),
        why_zh="每次取词表里最长的开头，其余的前面加 ##",
        why_en="the longest start that the vocabulary has is taken, and what follows is marked by ##",
    )
    wordpiece_unknown: str = fact(
        zh="WordPiece 遇到含一个未知字符的词",
        en="what WordPiece makes of a word with one unknown character",
        terms=("WordPiece",),
    )
    space_matters: bool = fact(
        zh="同一个词在文本开头和在空格后是不同的词元",
        en="a word at the start of a text is another token than after a space",
        terms=("add_prefix_space", "前导空格", "leading space"),
    )
    lengths: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Tokens a character over `MERGES`, by training text and text read: for the picture."""


def run(device: torch.device, seed: int = 0) -> Tokenization:
    """Train tokenizers on small texts and count what they make of others; no device has a part in it."""
    del device
    with reproducible(seed):
        english = {merges: byte_level([ENGLISH], merges) for merges in MERGES}
        chinese = {merges: byte_level([CHINESE], merges) for merges in MERGES}
        largest = english[MERGES[-1]]
        return Tokenization(
            most_frequent_pair=most_frequent_pair(WORDS),
            vocabulary_after_100=byte_level([ENGLISH], 100).get_vocab_size(),
            zh_without_merges=tokens_a_character(english[0], letters(CHINESE)),
            en_after_english=tokens_a_character(largest, ENGLISH),
            zh_after_english=tokens_a_character(largest, letters(CHINESE)),
            zh_after_chinese=tokens_a_character(chinese[MERGES[-1]], letters(CHINESE)),
            byte_unknown=sum(token is None for token in map(largest.id_to_token, largest.encode(UNSEEN).ids)),
            comes_back=all(largest.decode(largest.encode(text).ids) == text for text in (ENGLISH, CHINESE, UNSEEN)),
            word_unknown_share=word_unknown_share(ENGLISH, "The tokenizer cuts unknown words into known pieces"),
            wordpieces=" ".join(wordpiece("unwanted running")),
            wordpiece_unknown=" ".join(wordpiece("unwant\u00e9d")),
            space_matters=largest.encode("model").ids != largest.encode(" model").ids,
            lengths={
                "English read, English learned": curve(english, ENGLISH),
                "Chinese read, English learned": curve(english, letters(CHINESE)),
                "Chinese read, Chinese learned": curve(chinese, letters(CHINESE)),
            },
        )


def byte_level(texts: Sequence[str], merges: int) -> Tokenizer:
    """Train byte-level BPE with so many merges."""
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    bytes_of_text = pre_tokenizers.ByteLevel.alphabet()
    size = len(bytes_of_text) + merges
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=bytes_of_text, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def most_frequent_pair(words: Sequence[str]) -> int:
    """Return how often the first pair occurs that BPE merges in these words."""
    tokenizer = Tokenizer(BPE())
    size = len(set("".join(words))) + 1  # the characters, and one merge
    tokenizer.train_from_iterator(words, trainers.BpeTrainer(vocab_size=size, show_progress=False))
    (merged,) = (token for token in tokenizer.get_vocab() if len(token) > 1)
    return sum(word.count(merged) for word in words)


def letters(text: str) -> str:
    """Return the Chinese characters of a text alone."""
    return "".join(sign for sign in text if "\u4e00" <= sign <= "\u9fff")


def tokens_a_character(tokenizer: Tokenizer, text: str) -> float:
    """Return the tokens of a text over its characters."""
    return len(tokenizer.encode(text).ids) / len(text)


def curve(by_merges: Mapping[int, Tokenizer], text: str) -> tuple[float, ...]:
    """Return the tokens a character of a text, over the merges."""
    return tuple(tokens_a_character(tokenizer, text) for tokenizer in by_merges.values())


def word_unknown_share(known: str, new: str) -> float:
    """Return the share of a text's words that a vocabulary of whole words does not hold, in percent."""
    words = {"[UNK]": 0, **{word: at + 1 for at, word in enumerate(sorted(set(known.split())))}}
    tokenizer = Tokenizer(WordLevel(words, unk_token="[UNK]"))  # noqa: S106  (a token of text, no secret)
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    ids = tokenizer.encode(new).ids
    return 100 * ids.count(0) / len(ids)


def wordpiece(text: str) -> list[str]:
    """Cut a text by the small vocabulary of BERT's own test."""
    pieces = ["[UNK]", "want", "##want", "##ed", "wa", "un", "runn", "##ing"]
    vocabulary = {piece: at for at, piece in enumerate(pieces)}
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))  # noqa: S106  (as above)
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    cut: list[str] = tokenizer.encode(text).tokens
    return cut


def draw(result: Tokenization) -> Mapping[str, Figure]:
    """Draw how texts grow shorter with the merges."""
    return {"merges": curves(result.lengths, xs=MERGES, x="merges", y="tokens a character")}


if __name__ == "__main__":
    publish(run, draw)
