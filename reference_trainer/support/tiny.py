"""The built-in model and task: small enough to be pretrained and adapted on a CPU in seconds.

A Llama of 111 thousand parameters reads characters. It is pretrained to write a line about three attributes in
the format that a mark in front asks for; the task is to learn, from examples, one format without being asked for it.
"""

import itertools
import random
from collections.abc import Callable, Mapping

import torch
from tokenizers import Regex, Tokenizer
from tokenizers.decoders import Fuse
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Split
from torch import Tensor
from torch.nn import functional
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

ALPHABET = "abcdefghijklmnopqrstuvwxyz ABCDEFGHIJ0123456789.,:;!?>+-#/()&"
SPECIAL = ("<pad>", "<s>", "</s>")
COLORS = ("red", "blue", "green", "black", "white", "pink", "gray", "gold")
SIZES = ("tiny", "small", "wide", "long", "tall", "huge")
ITEMS = ("cup", "hat", "bag", "lamp", "desk", "coat", "shoe", "ring", "book", "vase")
CHAT_TEMPLATE = "{% for message in messages %}{{ message['content'] }}{% endfor %}"

Format = Callable[[str, str, str], str]
FORMATS: Mapping[str, Format] = {
    "A": lambda color, size, item: f"a {size} {color} {item}.",
    "B": lambda color, size, item: f"{item}: {color}, {size}",
    "C": lambda color, size, item: f"{color} {item}, {size}!",
    "D": lambda color, size, item: f"{size} & {color} ({item})",
}


def tokenizer() -> PreTrainedTokenizerFast:
    """Return a tokenizer whose tokens are characters; `<s>` starts a prompt, `</s>` ends an answer."""
    vocabulary = {token: index for index, token in enumerate((*SPECIAL, *ALPHABET))}
    characters = Tokenizer(WordLevel(vocabulary, unk_token="<pad>"))  # noqa: S106  (a token of text, no secret)
    characters.pre_tokenizer = Split(Regex("."), "isolated")
    characters.decoder = Fuse()
    result = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=characters,
        pad_token="<pad>",  # noqa: S106
        bos_token="<s>",  # noqa: S106
        eos_token="</s>",  # noqa: S106
    )
    result.chat_template = CHAT_TEMPLATE
    return result


def model(seed: int = 0, hidden: int = 64, layers: int = 2) -> LlamaForCausalLM:
    """Return the model with random weights."""
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(SPECIAL) + len(ALPHABET),
        hidden_size=hidden,
        intermediate_size=3 * hidden,
        num_hidden_layers=layers,
        num_attention_heads=4,
        max_position_embeddings=256,
        tie_word_embeddings=True,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
    )
    return LlamaForCausalLM(config)


def task(mark: str = "C") -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Return training and evaluation examples of one format without its mark; no attributes are in both."""
    triples = list(itertools.product(COLORS, SIZES, ITEMS))
    random.Random(0).shuffle(triples)
    examples = [example(triple, mark, shown="") for triple in triples]
    return examples[:384], examples[384:]


def example(triple: tuple[str, str, str], mark: str, shown: str) -> dict[str, str]:
    """Return the line about (color, size, item) in a format, asked for by what is `shown`."""
    return {"prompt": f"{shown}{' '.join(triple)}>", "response": FORMATS[mark](*triple)}


def pretrained(seed: int = 0, steps: int = 400, batch_size: int = 32) -> LlamaForCausalLM:
    """Return the model, pretrained to write the format whose mark it reads, and format A without a mark; about 10 s."""
    result, read, chance = model(seed), tokenizer(), random.Random(seed)
    optimizer = torch.optim.AdamW(result.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=3e-3, total_steps=steps)
    for _ in range(steps):
        loss = _loss(result, read, [_asked(chance) for _ in range(batch_size)])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
    return result


def _asked(chance: random.Random) -> dict[str, str]:
    triple, mark = (chance.choice(COLORS), chance.choice(SIZES), chance.choice(ITEMS)), chance.choice(list(FORMATS))
    return example(triple, mark, shown="" if mark == "A" and chance.random() < 0.5 else mark)


def _loss(model: LlamaForCausalLM, read: PreTrainedTokenizerFast, examples: list[dict[str, str]]) -> Tensor:
    """Return the mean loss on all characters that follow the first."""
    texts = [f"<s>{one['prompt']}{one['response']}</s>" for one in examples]
    batch = read(texts, padding=True, return_tensors="pt")
    targets = batch["input_ids"][:, 1:].masked_fill(batch["attention_mask"][:, 1:] == 0, -100)
    logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits[:, :-1]
    return functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
