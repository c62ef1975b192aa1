"""The demo of tokenization against byte pair encoding by hand, UTF-8 itself, and BERT's own example."""

from collections import Counter
from itertools import pairwise

import pytest
import torch
from tokenizers import Tokenizer, pre_tokenizers, trainers
from tokenizers.models import BPE
from torch_settings import unchanged

from reference_trainer import tokenization

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def facts() -> tokenization.Tokenization:
    with unchanged():
        return tokenization.run(CPU)


def merged(pieces: list[str], pair: tuple[str, str]) -> list[str]:
    """Put a pair together wherever it stands."""
    out: list[str] = []
    for piece in pieces:
        if out and (out[-1], piece) == pair:
            out[-1] += piece
        else:
            out.append(piece)
    return out


def by_hand(words: Counter[str], merges: int) -> list[tuple[str, int]]:
    """Return what is merged first, second …, with how often it stands there."""
    pieces = {word: list(word) for word in words}
    done = []
    for _ in range(merges):
        pairs = Counter[tuple[str, str]]()
        for word, count in words.items():
            for pair in pairwise(pieces[word]):
                pairs[pair] += count
        best = max(pairs, key=lambda pair: pairs[pair])
        done.append(("".join(best), pairs[best]))
        pieces = {word: merged(parts, best) for word, parts in pieces.items()}
    return done


def test_bpe_by_hand(facts: tokenization.Tokenization) -> None:
    """Sennrich et al.: `e s` first, 6 times in newest and 3 in widest, then `es t`, `l o`, `lo w`."""
    done = by_hand(Counter(tokenization.WORDS), 4)
    assert done == [("es", 9), ("est", 9), ("lo", 7), ("low", 7)]
    assert facts.most_frequent_pair == 9


def test_the_tokenizer_s_merges_are_greedy() -> None:
    """Each merge of the library is, when it comes, a pair as frequent as any: followed by hand on ASCII words."""
    words = Counter(tokenization.ENGLISH.lower().replace(".", "").replace(",", "").split())
    expected = [count for _, count in by_hand(words, 12)]
    trained = Tokenizer(BPE())
    trained.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    size = len(set("".join(words))) + 12
    trainer = trainers.BpeTrainer(vocab_size=size, show_progress=False)
    trained.train_from_iterator([" ".join(words.elements())], trainer)
    made = [token for token, _ in sorted(trained.get_vocab().items(), key=lambda item: item[1])][-12:]
    pieces = {word: list(word) for word in words}
    for token, count in zip(made, expected, strict=True):
        counts = Counter({pair: 0 for parts in pieces.values() for pair in pairwise(parts)})
        for word, parts in pieces.items():
            for pair in pairwise(parts):
                counts[pair] += words[word]
        pair = max((pair for pair in counts if "".join(pair) == token), key=lambda pair: counts[pair])
        assert counts[pair] == max(counts.values())
        assert abs(counts[pair] - count) <= 1  # equal pairs may come in another order, and change the next ones
        pieces = {word: merged(parts, pair) for word, parts in pieces.items()}


def test_bytes_are_those_of_utf_8(facts: tokenization.Tokenization) -> None:
    chinese = tokenization.letters(tokenization.CHINESE)
    assert facts.zh_without_merges == facts.zh_after_english == len(chinese.encode()) / len(chinese) == 3
    assert facts.vocabulary_after_100 == 256 + 100
    assert facts.byte_unknown == 0
    assert facts.comes_back


def test_merges_make_what_they_have_learned_shorter(facts: tokenization.Tokenization) -> None:
    assert facts.en_after_english < 0.5
    assert facts.zh_after_chinese < facts.zh_after_english
    assert facts.space_matters
    for lengths in facts.lengths.values():
        assert list(lengths) == sorted(lengths, reverse=True)
    assert list(tokenization.draw(facts)) == ["merges"]


def test_pieces_are_those_of_bert(facts: tokenization.Tokenization) -> None:
    """The example of BERT's tokenization_test.py; and four of eight words that the English text does not have."""
    assert facts.wordpieces == "un ##want ##ed runn ##ing"
    assert facts.wordpiece_unknown == "[UNK]"
    words = "The tokenizer cuts unknown words into known pieces".split()
    unknown = [word for word in words if word not in tokenization.ENGLISH.split()]
    assert facts.word_unknown_share == 100 * len(unknown) / len(words)
