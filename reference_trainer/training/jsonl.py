"""Examples from JSONL to batches: what is read, what is learned, and in which order."""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from jinja2.exceptions import TemplateError
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from ankillm.evidence import Refusal

T = TypeVar("T")

IGNORED = -100
"""The label of a token that is read but not learned: the prompt's, and padding."""


@dataclass(frozen=True, slots=True)
class Example:
    """One example as tokens: `ids` are read, `labels` learned (`IGNORED` where not)."""

    ids: tuple[int, ...]
    labels: tuple[int, ...]

    @property
    def learned(self) -> int:
        """Count the tokens that are learned; nothing stands before the first from which to tell it."""
        return sum(label != IGNORED for label in self.labels[1:])


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a data file, and where it stands."""

    place: str
    value: Mapping[str, Any]


def read_lines(path: Path) -> list[Line]:
    """Read a JSONL file, empty lines left out; raise `Refusal`, with the line's number, for what is no example."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Refusal(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise Refusal(f"{path}: not UTF-8: {error}") from None
    lines = [_line(f"{path}:{number}", one) for number, one in enumerate(text.split("\n"), 1) if one.strip()]
    if not lines:
        raise Refusal(f'{path}: no examples; each line is a JSON object like {{"prompt": "…", "response": "…"}}')
    return lines


def _line(place: str, text: str) -> Line:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise Refusal(f"{place}:{error.colno}: bad JSON: {error.msg}") from None
    except (RecursionError, ValueError):
        raise Refusal(f"{place}: bad JSON: nested too deeply, or a number of too many digits") from None
    if isinstance(value, dict) and ("messages" in value or {"prompt", "response"} <= value.keys()):
        return Line(place, value)
    raise Refusal(f"{place}: an example is an object with prompt and response, or with messages")


def encode(line: Line, tokenizer: PreTrainedTokenizerBase, max_length: int, *, cut: bool) -> Example:
    """Return the tokens of a line; only the response, or the assistant's messages, are learned.

    An example over `max_length` tokens loses its end if `cut`. Raises `Refusal` if it is too long and may not be cut,
    and if nothing to learn is in it.
    """
    example = _conversation(line, tokenizer) if "messages" in line.value else _pair(line, tokenizer)
    if len(example.ids) > max_length and not cut:
        raise Refusal(f"{line.place}: {len(example.ids)} tokens, over --max-length {max_length}")
    example = Example(example.ids[:max_length], example.labels[:max_length])
    if not example.learned:
        raise Refusal(f"{line.place}: nothing to learn within --max-length {max_length}: no token of a response")
    return example


def _pair(line: Line, tokenizer: PreTrainedTokenizerBase) -> Example:
    prompt, response = (_text(line, line.value, name) for name in ("prompt", "response"))
    read = prompt_ids(prompt, tokenizer)
    learned = tokenizer.encode(response, add_special_tokens=False)
    end = [] if tokenizer.eos_token_id is None else [tokenizer.eos_token_id]
    return Example((*read, *learned, *end), (*[IGNORED] * len(read), *learned, *end))


def prompt_ids(prompt: str, tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """Return a prompt's tokens, as they stand before a response: with the start token, without an end token."""
    ids = list(tokenizer.encode(prompt))
    while ids and ids[-1] == tokenizer.eos_token_id:
        ids.pop()
    if ids or tokenizer.bos_token_id is None:
        return ids
    return [tokenizer.bos_token_id]


def _conversation(line: Line, tokenizer: PreTrainedTokenizerBase) -> Example:
    """Encode a conversation by the tokenizer's template; what each assistant's turn adds to it is learned."""
    messages = _messages(line)
    if not tokenizer.chat_template:
        raise Refusal(f"{line.place}: the tokenizer has no chat template for messages; use prompt and response")
    text, ids, labels, done = _template(line, messages, tokenizer), [], [], 0
    for index, message in enumerate(messages):
        if message["role"] == "assistant":
            before = _template(line, messages[:index], tokenizer, answer=True) if index else ""
            after = _template(line, messages[: index + 1], tokenizer)
            if not (text.startswith(before) and text.startswith(after) and len(before) >= done):
                raise Refusal(f"{line.place}: the chat template rewrites earlier turns; give it as prompt and response")
            read, learned = (
                _piece(part, tokenizer) for part in (text[done : len(before)], text[len(before) : len(after)])
            )
            ids += [*read, *learned]
            labels += [*[IGNORED] * len(read), *learned]
            done = len(after)
    end = tokenizer.eos_token_id
    if labels and end is not None and end not in labels[-2:]:
        ids, labels = [*ids, end], [*labels, end]
    return Example(tuple(ids), tuple(labels))


def _piece(text: str, tokenizer: PreTrainedTokenizerBase) -> list[int]:
    return list(tokenizer.encode(text, add_special_tokens=False)) if text else []


def _template(
    line: Line, messages: list[dict[str, str]], tokenizer: PreTrainedTokenizerBase, *, answer: bool = False
) -> str:
    try:
        return str(tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=answer))
    except TemplateError as error:
        raise Refusal(f"{line.place}: the tokenizer's chat template refuses the messages: {error}") from None


def _messages(line: Line) -> list[dict[str, str]]:
    messages = line.value["messages"]
    if not isinstance(messages, list) or not messages or not all(isinstance(one, dict) for one in messages):
        raise Refusal(f"{line.place}: messages is a list of objects with role and content")
    return [{name: _text(line, one, name) for name in ("role", "content")} for one in messages]


def _text(line: Line, value: Mapping[str, Any], name: str) -> str:
    text = value.get(name)
    if not isinstance(text, str):
        raise Refusal(f"{line.place}: {name} is text, not {json.dumps(text, ensure_ascii=False)[:40]}")
    return text


def hold_out(lines: Sequence[Line], seed: int) -> tuple[list[Line], list[Line]]:
    """Split off a tenth of the lines, at least one, for evaluation; raise `Refusal` if there is only one line."""
    if len(lines) < 2:
        raise Refusal(f"{lines[0].place}: one example can't be both trained on and evaluated; add more, or --dev")
    held = set(random.Random(seed).sample(range(len(lines)), max(1, len(lines) // 10)))
    return [line for i, line in enumerate(lines) if i not in held], [lines[i] for i in sorted(held)]


@dataclass(frozen=True, slots=True)
class Batch:
    """Examples side by side, padded at their ends to the longest: (batch, tokens) each."""

    ids: Tensor
    mask: Tensor
    labels: Tensor

    def to(self, device: torch.device) -> "Batch":
        """Return the batch on a device."""
        return Batch(*(tensor.to(device, non_blocking=True) for tensor in (self.ids, self.mask, self.labels)))


def collate(examples: Sequence[Example], padding: int) -> Batch:
    """Pad examples with the token `padding`, masked and not learned; no examples give a row with nothing to learn."""
    longest = max((len(example.ids) for example in examples), default=1)
    shape = max(len(examples), 1), longest
    ids, mask, labels = torch.full(shape, padding), torch.zeros(shape, dtype=torch.long), torch.full(shape, IGNORED)
    for row, example in enumerate(examples):
        size = len(example.ids)
        ids[row, :size], labels[row, :size], mask[row, :size] = (
            torch.tensor(example.ids),
            torch.tensor(example.labels),
            1,
        )
    mask[:, 0] = 1  # a row without any token to look at would be undefined
    return Batch(ids, mask, labels)


@dataclass(frozen=True, slots=True)
class Order:
    """Which examples each optimizer step takes: a new permutation an epoch, drawn from seed and epoch alone.

    So the position in the data is the number of the step, and a resumed run needs no more than that.
    """

    size: int
    step_size: int
    """Examples of one optimizer step, over all devices."""
    seed: int

    @property
    def steps_per_epoch(self) -> int:
        """Count the steps of an epoch; the last one may take fewer examples."""
        return -(-self.size // self.step_size)

    def step(self, step: int) -> list[int]:
        """Return the examples of a step, 0 being the first of the run."""
        epoch, position = divmod(step, self.steps_per_epoch)
        chance = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
        shuffled = torch.randperm(self.size, generator=chance).tolist()
        return shuffled[position * self.step_size : (position + 1) * self.step_size]


def share(examples: Sequence[T], process: int, processes: int, batch_size: int) -> Iterator[Sequence[T]]:
    """Yield the batches of one process: of each run of processes·batch_size examples, the part that is its own.

    All processes get the same number of batches, as they wait for each other; the last of some may be empty.
    """
    together = processes * batch_size
    for start in range(0, len(examples), together):
        block = examples[start : start + together]
        yield block[process * batch_size : (process + 1) * batch_size]
