"""A line of data as tokens: a prompt and its response, or a conversation by the tokenizer's own template."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from transformers import PreTrainedTokenizerBase

from ankillm.evidence import Refusal
from reference_trainer.support.limits import TooLongError, within
from reference_trainer.training.batches import IGNORED, Example
from reference_trainer.training.jsonl import Line

MARKED = re.compile(r"\{%-?\s*generation\s*-?%\}")
"""What a template writes around the assistant's words, where it says itself what is to be learned."""
PLAIN = ("role", "content")
LONGEST_TEMPLATE = 5.0
"""Seconds that a template may take for a conversation; it comes with the model and may hold any loop."""


class Unfit(Refusal):
    """Why one line can't be trained on; the others can."""


def encode(line: Line, tokenizer: PreTrainedTokenizerBase, max_length: int, *, cut: bool) -> list[Example]:
    """Return the tokens of a line; only the response, or the assistant's messages, are learned.

    A conversation is one example; where the template writes earlier turns otherwise once there are later ones, it is
    one for each of the assistant's turns. An example over `max_length` tokens loses its end, but for its end token, if
    `cut`. Raises `Unfit` for a line that can't be used, and `Refusal` if it is too long and may not be cut.
    """
    examples = _conversation(line, tokenizer) if "messages" in line.value else [_pair(line, tokenizer)]
    for example in examples:
        if len(example.ids) > max_length and not cut:
            raise Refusal(f"{line.place}: {len(example.ids)} tokens, over --max-length {max_length}")
    short = [shortened(example, max_length, tokenizer.eos_token_id) for example in examples]
    learned = [example for example in short if example.learned]
    if not learned:
        raise Unfit(f"{line.place}: nothing to learn within --max-length {max_length}: no token of a response")
    return learned


def shortened(example: Example, max_length: int, end: int | None) -> Example:
    """Cut an example at its end; the end token stays, without which a model would learn never to stop.

    One that has lost its whole response is left without a label.
    """
    if len(example.ids) <= max_length:
        return example
    ids, labels = example.ids[:max_length], example.labels[:max_length]
    if end is not None and end in example.labels[-2:] and any(label != IGNORED for label in labels[1:-1]):
        ids, labels = (*ids[:-1], end), (*labels[:-1], end)
    return Example(ids, labels, lost=len(example.ids) - max_length)


def _pair(line: Line, tokenizer: PreTrainedTokenizerBase) -> Example:
    prompt, response = (_text(line, line.value, name) for name in ("prompt", "response"))
    read = prompt_ids(prompt, tokenizer)
    learned = tokenizer.encode(response, add_special_tokens=False)
    end = [] if tokenizer.eos_token_id is None else [tokenizer.eos_token_id]
    return Example((*read, *learned, *end), (*[IGNORED] * len(read), *learned, *end))


def prompt_ids(prompt: str, tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """Return a prompt's tokens, as they stand before a response: with one start token, without an end token."""
    ids, start = list(tokenizer.encode(prompt)), tokenizer.bos_token_id
    while ids and ids[-1] == tokenizer.eos_token_id:
        ids.pop()
    if start is not None and ids[:2] == [start, start]:
        return ids[1:]  # the text brought one of its own
    return ids if ids or start is None else [start]


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation and the template that writes it as text."""

    line: Line
    messages: Sequence[Mapping[str, Any]]
    tools: Any
    tokenizer: PreTrainedTokenizerBase

    @property
    def answers(self) -> list[int]:
        """The places of the assistant's messages."""
        return [index for index, message in enumerate(self.messages) if message["role"] == "assistant"]

    def text(self, end: int, *, answer: bool = False) -> str:
        """Write the first `end` messages; `answer`: up to where the assistant begins to write."""
        if not end:
            return ""
        return str(self.templated(end, tokenize=False, add_generation_prompt=answer))

    def templated(self, end: int, **options: Any) -> Any:  # noqa: ANN401  (text, or tokens)
        """Return what the template makes of the first `end` messages."""
        messages = [dict(message) for message in self.messages[:end]]
        more: dict[str, Any] = {"tools": self.tools} if self.tools else {}
        try:
            with within(LONGEST_TEMPLATE):
                return self.tokenizer.apply_chat_template(messages, **options, **more)
        except TooLongError:
            raise Refusal(f"{self.line.place}: the tokenizer's chat template does not come to an end") from None
        except Exception as error:  # noqa: BLE001  (whatever a template raises that anyone may have written)
            told = " ".join(str(error).split())[:200] or type(error).__name__
            raise Unfit(f"{self.line.place}: the tokenizer's chat template refuses the messages: {told}") from None


def _conversation(line: Line, tokenizer: PreTrainedTokenizerBase) -> list[Example]:
    """Encode a conversation by the tokenizer's template; what each assistant's turn adds to it is learned."""
    if not tokenizer.chat_template:
        raise Unfit(f"{line.place}: the tokenizer has no chat template for messages; use prompt and response")
    chat = Chat(line, _messages(line), line.value.get("tools"), tokenizer)
    _refuse_unread(chat)
    if MARKED.search(str(tokenizer.chat_template)):
        return [_marked(chat)]
    if not chat.answers:
        return [Example((), ())]
    pieces = list(_pieces(chat))
    if None not in pieces:
        return [_joined([piece for piece in pieces if piece], tokenizer)]
    return [_joined([_turn(chat, index)], tokenizer) for index in chat.answers]


def _pieces(chat: Chat) -> Iterator[tuple[str, str] | None]:
    """Yield what is read before each answer and the answer; None where the template writes the past anew."""
    text, done = chat.text(len(chat.messages)), 0
    for index in chat.answers:
        before, after = chat.text(index, answer=True), chat.text(index + 1)
        whole = text.startswith(before) and text.startswith(after) and done <= len(before) <= len(after)
        yield (text[done : len(before)], text[len(before) : len(after)]) if whole else None
        done = len(after)


def _turn(chat: Chat, index: int) -> tuple[str, str]:
    """Return all that stands before one answer, as the template writes it for that moment, and the answer."""
    before, after = chat.text(index, answer=True), chat.text(index + 1)
    if not after.startswith(before):
        raise Unfit(f"{chat.line.place}: the chat template rewrites earlier turns; give it as prompt and response")
    return before, after[len(before) :]


def _joined(pieces: Sequence[tuple[str, str]], tokenizer: PreTrainedTokenizerBase) -> Example:
    """Encode pieces that are read and learned in turn, and see to an end token."""
    ids: list[int] = []
    labels: list[int] = []
    for read, learned in ((_piece(one, tokenizer), _piece(other, tokenizer)) for one, other in pieces):
        ids += [*read, *learned]
        labels += [*[IGNORED] * len(read), *learned]
    end = tokenizer.eos_token_id
    if labels and end is not None and end not in labels[-2:]:
        ids, labels = [*ids, end], [*labels, end]
    return Example(tuple(ids), tuple(labels))


def _marked(chat: Chat) -> Example:
    """Encode by a template that marks what the assistant writes."""
    encoded = chat.templated(len(chat.messages), tokenize=True, return_dict=True, return_assistant_tokens_mask=True)
    ids, mask = encoded["input_ids"], encoded["assistant_masks"]
    return Example(tuple(ids), tuple(token if own else IGNORED for token, own in zip(ids, mask, strict=True)))


def _refuse_unread(chat: Chat) -> None:
    """Raise `Unfit` if something stands in the line that the template leaves out: tool calls, thoughts, tools."""
    names = dict.fromkeys(name for message in chat.messages for name in message if name not in PLAIN)
    without = {
        name: [{key: value for key, value in message.items() if key != name} for message in chat.messages]
        for name in names
    }
    others = [(name, Chat(chat.line, messages, chat.tools, chat.tokenizer)) for name, messages in without.items()]
    if chat.tools:
        others.append(("tools", Chat(chat.line, chat.messages, None, chat.tokenizer)))
    ends = [*(index + 1 for index in chat.answers), len(chat.messages)]
    for name, other in others:
        if all(chat.text(end) == _text_or_none(other, end) for end in ends):
            raise Unfit(f"{chat.line.place}: {name} is not read by the tokenizer's chat template")


def _text_or_none(chat: Chat, end: int) -> str | None:
    """Write the messages; None where the template refuses them without what was taken away."""
    try:
        return chat.text(end)
    except Unfit:
        return None


def _piece(text: str, tokenizer: PreTrainedTokenizerBase) -> list[int]:
    return list(tokenizer.encode(text, add_special_tokens=False)) if text else []


def _messages(line: Line) -> list[Mapping[str, Any]]:
    """Return the messages as they are; each has a role, and content that may be missing where there is more."""
    messages = line.value["messages"]
    if not isinstance(messages, list) or not messages or not all(isinstance(one, dict) for one in messages):
        raise Refusal(f"{line.place}: messages is a list of objects with role and content")
    for message in messages:
        _text(line, message, "role")
        if message.keys() <= set(PLAIN) or message.get("content") is not None:
            _text(line, message, "content")
    return messages


def _text(line: Line, value: Mapping[str, Any], name: str) -> str:
    text = value.get(name)
    if not isinstance(text, str):
        raise Refusal(f"{line.place}: {name} is text, not {json.dumps(text, ensure_ascii=False)[:40]}")
    return text
