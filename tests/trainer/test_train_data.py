"""Examples: what is read and learned, in which order, and how a bad line is named."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tokenizers.processors import TemplateProcessing

from ankillm.common.diagnostics import Refusal
from reference_trainer.support import tiny
from reference_trainer.training import encoding, inputs
from reference_trainer.training.batches import IGNORED, Example, Order, by_length, collate, share
from reference_trainer.training.encoding import encode, prompt_ids
from reference_trainer.training.jsonl import Line, hold_out, read_lines
from reference_trainer.training.settings import Settings

TOKENIZER = tiny.tokenizer()
TURNS = (
    "{% for m in messages %}({{ m['role'] }}:{{ m['content'] }}){% endfor %}"
    "{% if add_generation_prompt %}(assistant:{% endif %}"
)


def line(**value: Any) -> Line:  # noqa: ANN401  (any JSON)
    return Line("data.jsonl:7", value)


def learned(example: Example) -> str:
    """Return the text that is learned, with special tokens."""
    return "".join(TOKENIZER.convert_ids_to_tokens([label for label in example.labels if label != IGNORED]))


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(20 * 10**9)


def text(example: Example) -> str:
    return "".join(TOKENIZER.convert_ids_to_tokens(list(example.ids)))


def test_only_the_response_and_its_end_are_learned() -> None:
    (example,) = encode(line(prompt="red cup>", response="a cup."), TOKENIZER, 64, cut=False)
    assert text(example) == "red cup>a cup.</s>"
    assert learned(example) == "a cup.</s>"
    assert example.labels[:8] == (IGNORED,) * 8


def test_only_the_assistant_s_turns_are_learned() -> None:
    """By the tokenizer's own template, in a conversation of several turns."""
    tokenizer = tiny.tokenizer()
    tokenizer.chat_template = TURNS
    said = [("system", "s"), ("user", "a"), ("assistant", "b"), ("user", "c"), ("assistant", "d")]
    messages = [{"role": role, "content": content} for role, content in said]
    (example,) = encode(line(messages=messages), tokenizer, 99, cut=False)
    assert text(example) == "(system:s)(user:a)(assistant:b)(user:c)(assistant:d)</s>"
    assert learned(example) == "b)d)</s>"


def test_a_template_that_rewrites_earlier_turns_is_refused() -> None:
    tokenizer = tiny.tokenizer()
    tokenizer.chat_template = "{{ messages | length }}" + TURNS
    with pytest.raises(Refusal, match=r"data.jsonl:7: the chat template rewrites earlier turns"):
        encode(
            line(messages=[{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]),
            tokenizer,
            99,
            cut=False,
        )


def test_a_long_example_is_cut_or_refused() -> None:
    long = line(prompt="red cup>", response="a cup.")
    (example,) = encode(long, TOKENIZER, 11, cut=True)
    assert text(example) == "red cup>a </s>"
    assert (learned(example), example.lost) == ("a </s>", 4)
    with pytest.raises(Refusal, match=r"data.jsonl:7: 15 tokens, over --max-length 11"):
        encode(long, TOKENIZER, 11, cut=False)
    with pytest.raises(Refusal, match=r"data.jsonl:7: nothing to learn within --max-length 8"):
        encode(long, TOKENIZER, 8, cut=True)


def asked(tokenizer: Any, *said: tuple[str, Any], **more: Any) -> list[tuple[str, str]]:  # noqa: ANN401
    """Return what is read and what is learned of a conversation, an example each."""
    messages = [value if isinstance(value, dict) else {"role": role, "content": value} for role, value in said]
    return [
        (text(example), learned(example))
        for example in encode(line(messages=messages, **more), tokenizer, 999, cut=False)
    ]


def test_a_template_that_drops_what_earlier_turns_thought_gives_an_example_a_turn() -> None:
    """As Qwen3's: thoughts stand in the last answer alone; an earlier answer is learned as it was when it was last."""
    tokenizer = tiny.tokenizer()
    tokenizer.chat_template = (
        "{% for m in messages %}({{ m['role'] }}:"
        "{% if m['role'] == 'assistant' and loop.last %}#{{ m['thought'] }}#{% endif %}{{ m['content'] }})"
        "{% endfor %}{% if add_generation_prompt %}(assistant:{% endif %}"
    )
    said = [
        ("user", "a"),
        ("", {"role": "assistant", "content": "b", "thought": "x"}),
        ("user", "c"),
        ("", {"role": "assistant", "content": "d", "thought": "y"}),
    ]
    assert asked(tokenizer, *said) == [
        ("(user:a)(assistant:#x#b)</s>", "#x#b)</s>"),
        ("(user:a)(assistant:b)(user:c)(assistant:#y#d)</s>", "#y#d)</s>"),
    ]


def test_a_template_that_marks_the_assistant_s_words_is_believed() -> None:
    tokenizer = tiny.tokenizer()
    tokenizer.chat_template = (
        "{% for m in messages %}{% if m['role'] == 'assistant' %}"
        "a:{% generation %}{{ m['content'] }}!{% endgeneration %}{% else %}u:{{ m['content'] }};{% endif %}{% endfor %}"
    )
    assert asked(tokenizer, ("user", "a"), ("assistant", "b"), ("user", "c"), ("assistant", "d")) == [
        ("u:a;a:b!u:c;a:d!", "b!d!")
    ]


CALL = {"role": "assistant", "content": "", "tool_calls": [{"name": "add", "arguments": {}}]}
CALLS = (
    "{% if tools %}[{{ tools[0]['name'] }}]{% endif %}"
    "{% for m in messages %}({{ m['role'] }}:{{ m['content'] or '' }}"
    "{% for c in m['tool_calls'] or [] %}+{{ c['name'] }}{% endfor %}){% endfor %}"
    "{% if add_generation_prompt %}(assistant:{% endif %}"
)


def test_a_template_that_writes_tool_calls_gets_them_and_the_tools() -> None:
    tokenizer = tiny.tokenizer()
    tokenizer.chat_template = CALLS
    said = [("user", "q"), ("", CALL), ("tool", "4"), ("assistant", "four")]
    (example,) = asked(tokenizer, *said, tools=[{"name": "add"}])
    assert example[1] == "+add)four)</s>"
    bare = {name: value for name, value in CALL.items() if name != "content"}
    assert asked(tokenizer, ("user", "q"), ("", bare), ("tool", "4"), ("assistant", "four"))[0][1] == "+add)four)</s>"


@pytest.mark.parametrize(
    ("message", "more", "told"),
    [
        (CALL, {}, "tool_calls is not read"),
        ({"role": "assistant", "content": "b", "reasoning_content": "x"}, {}, "reasoning_content is not read"),
        ({"role": "assistant", "content": "b"}, {"tools": [{"name": "add"}]}, "tools is not read"),
    ],
)
def test_what_a_template_leaves_out_is_not_dropped_in_silence(
    message: dict[str, Any], more: dict[str, Any], told: str
) -> None:
    """Else an empty answer would be learned, or one without its reason."""
    tokenizer = tiny.tokenizer()
    tokenizer.chat_template = TURNS
    with pytest.raises(Refusal, match=f"data.jsonl:7: {told} by the tokenizer's chat template"):
        asked(tokenizer, ("user", "q"), ("", message), **more)


def test_text_that_brings_its_start_token_gets_no_second_one() -> None:
    tokenizer: Any = tiny.tokenizer()
    start = tokenizer.bos_token_id
    tokenizer._tokenizer.post_processor = TemplateProcessing(  # a tokenizer that adds its start token by itself
        single="<s> $A", special_tokens=[("<s>", start)]
    )
    assert prompt_ids("a", tokenizer) == prompt_ids("<s>a", tokenizer)
    (example,) = encode(line(prompt="<s>one", response="two"), tokenizer, 64, cut=False)
    assert example.ids.count(start) == 1


def test_an_empty_prompt_starts_with_the_start_token() -> None:
    assert prompt_ids("", TOKENIZER) == [TOKENIZER.bos_token_id]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('{"prompt": "a", "response": "b"}\n\n{"prompt": "a"', r"data.jsonl:3:15: bad JSON: Expecting"),
        ("[" * 100_000, r"data.jsonl:1: bad JSON: nested too deeply"),
        ('{"prompt": ' + "9" * 10_000 + "}", r"data.jsonl:1: bad JSON: .* a number of too many digits"),
        ('{"prompt": "a", "response": "b"}\n{"prompt": "a"}', r"data.jsonl:2: an example is an object with prompt and"),
        ("[1]", r"data.jsonl:1: an example is an object"),
        ("\n \n", r"data.jsonl: no examples"),
        ("", r"data.jsonl: no examples"),
        (None, r"data.jsonl: cannot be read \(No such file"),
        ('{"prompt": "a\\ud800", "response": "b"}', r"data.jsonl:1: \\ud800 is half of a character"),
        ('\n{"messages": [{"role": "\\uDFFF"}]}', r"data.jsonl:2: \\udfff is half of a character"),
        ('{"prompt": "\\ud83d\\ude00", "response": 1}\n[]', r"data.jsonl:2: an example is an object"),
        ('{"prompt": "' + "a" * 17 * 2**20, r"data.jsonl:1: is over 16 MiB in one line"),
    ],
)
def test_a_bad_file_is_named_with_its_line(content: str | None, told: str, tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(Refusal, match=told):
        read_lines(path)


@pytest.mark.parametrize(
    ("put", "told"),
    [
        (os.mkfifo, "is not a regular file"),
        (lambda path: path.symlink_to("/dev/zero"), "is not a regular file"),
        (_sparse, "data.jsonl:1: is over 16 MiB in one line"),
        (Path.mkdir, "is not a regular file"),
        (lambda path: path.write_bytes(b'\n{"prompt": "\xff"}'), "data.jsonl:2: byte 0xff is not UTF-8"),
    ],
)
def test_data_is_a_regular_file_and_read_line_by_line(put: Any, told: str, tmp_path: Path) -> None:  # noqa: ANN401  (what puts it there)
    put(tmp_path / "data.jsonl")
    with pytest.raises(Refusal, match=told):
        read_lines(tmp_path / "data.jsonl")


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("{% for i in range(10 ** 7) %}a{% endfor %}", "refuses the messages: Range too big"),
        ("{{ 1 // 0 }}", "refuses the messages: integer division"),
        ("{{ messages.a.b }}", "refuses the messages"),
        ("{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}", "refuses the messages"),
    ],
)
def test_a_template_of_anyone_is_refused_in_one_line(template: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is: what is refused for what it does ends by itself."""
    monkeypatch.setattr(encoding, "LONGEST_TEMPLATE", 60)
    _refused(template, told)


def test_a_template_without_end_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "LONGEST_TEMPLATE", 0.5)
    endless = "{% for i in range(9**5) %}{% for j in range(9**5) %}{% endfor %}{% endfor %}"
    _refused(endless, "does not come to an end")


def _refused(template: str, told: str) -> None:
    tokenizer = tiny.tokenizer()
    tokenizer.chat_template = template
    with pytest.raises(Refusal, match=f"data.jsonl:7: the tokenizer's chat template {told}"):
        asked(tokenizer, ("user", "q"), ("assistant", "a"))


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"prompt": 1, "response": "b"}, "data.jsonl:7: prompt is text, not 1"),
        ({"prompt": "a", "response": None}, "data.jsonl:7: response is text, not null"),
        ({"messages": "hi"}, "data.jsonl:7: messages is a list"),
        ({"messages": []}, "data.jsonl:7: messages is a list"),
        ({"messages": [{"role": "user"}]}, "data.jsonl:7: content is text"),
        ({"messages": [{"role": "user", "content": "a"}]}, "data.jsonl:7: nothing to learn"),
    ],
)
def test_a_bad_example_is_named_with_its_line(value: dict[str, Any], told: str) -> None:
    with pytest.raises(Refusal, match=told):
        encode(line(**value), TOKENIZER, 64, cut=True)


def test_a_file_from_windows_is_read(tmp_path: Path) -> None:
    """A byte order mark and carriage returns are no part of the JSON; line separators in text are text."""
    path = tmp_path / "data.jsonl"
    row = json.dumps({"prompt": "a\u2028b", "response": "c"}, ensure_ascii=False)
    path.write_bytes(b"\xef\xbb\xbf" + f"{row}\r\n{row}\r\n".encode())
    assert [one.value["prompt"] for one in read_lines(path)] == ["a\u2028b"] * 2


def test_padding_is_masked_and_not_learned() -> None:
    batch = collate([Example((5, 6, 7), (IGNORED, 6, 7)), Example((8,), (IGNORED,))], padding=0)
    assert batch.ids.tolist() == [[5, 6, 7], [8, 0, 0]]
    assert batch.mask.tolist() == [[1, 1, 1], [1, 0, 0]]
    assert batch.labels.tolist() == [[IGNORED, 6, 7], [IGNORED] * 3]


@given(st.integers(1, 40), st.integers(1, 12), st.integers(0, 5))
def test_an_epoch_takes_each_example_once(size: int, step_size: int, seed: int) -> None:
    """In every epoch, in an order of its own, and the same one whenever it is asked for."""
    order = Order(size, step_size, seed)
    for epoch in range(3):
        first = epoch * order.steps_per_epoch
        taken = [index for step in range(first, first + order.steps_per_epoch) for index in order.step(step)]
        assert sorted(taken) == list(range(size))
        assert order.step(first) == Order(size, step_size, seed).step(first)


@given(st.integers(0, 50), st.integers(1, 4), st.integers(1, 5))
def test_processes_share_a_step(count: int, processes: int, batch_size: int) -> None:
    """Together they take every example once, in batches of the size asked for, and in as many rounds as each other."""
    shares = [list(share(range(count), process, processes, batch_size)) for process in range(processes)]
    assert sorted(index for parts in shares for part in parts for index in part) == list(range(count))
    assert len({len(parts) for parts in shares}) == 1
    assert all(len(part) <= batch_size for parts in shares for part in parts)


def test_batches_of_neighbours_by_length_need_less_padding() -> None:
    examples = [Example((1,) * length, (1,) * length) for length in (2, 9, 3, 8, 2, 9)]

    def padded(order: list[Example]) -> int:
        return sum(collate(part, 0).ids.numel() for part in share(order, 0, 1, 2))

    assert padded(by_length(examples)) == 2 * (2 + 8 + 9) < padded(examples)


def test_a_batch_knows_where_a_learned_token_is_told_from() -> None:
    """The place before each label, of all rows in a line; the first of a row is told from nowhere."""
    batch = collate([Example((5, 6, 7), (IGNORED, 6, 7)), Example((8, 9), (8, 9))], 0)
    assert batch.rows.tolist() == [0, 1, 3]
    assert batch.targets.tolist() == [6, 7, 9]


def test_a_tenth_is_held_out() -> None:
    lines = [line(prompt=str(number), response="b") for number in range(30)]
    train, dev = hold_out(lines, seed=1)
    assert len(dev) == 3
    assert not {one.value["prompt"] for one in train} & {one.value["prompt"] for one in dev}
    with pytest.raises(Refusal, match="one example can't be both trained on and evaluated"):
        hold_out(lines[:1], seed=1)


def test_the_built_in_task_shows_no_answer_before() -> None:
    """What is evaluated is not trained on."""
    train, dev = tiny.task()
    assert len(dev) == 96
    assert not {one["prompt"] for one in train} & {one["prompt"] for one in dev}
    assert torch.tensor([len(one["response"]) for one in dev]).float().mean() > 10


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"prompt": "a", "response": "b", "system": "be kind"}, ["system"]),
        ({"prompt": "a", "response": "b", "id": 3, "source": "x"}, []),
        (
            {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "prompt": "c"},
            ["prompt"],
        ),
    ],
)
def test_keys_that_are_not_learned_from_are_told(value: dict[str, Any], told: list[str]) -> None:
    """Once, however many lines have them; what only says where an example is from is no such key."""
    tokenizer = tiny.tokenizer()
    tokenizer.chat_template = TURNS
    _, said = inputs.encode_all([line(**value)] * 2, tokenizer, Settings())
    assert [text.split("'")[1] for text in said if "is not read" in text] == told
