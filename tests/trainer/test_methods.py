"""The comparison of methods against counts by hand, peft's prompt tuning, and generation word for word."""

import itertools
from typing import Any

import pytest
import torch
from accelerate import Accelerator
from peft import PromptTuningConfig, get_peft_model
from torch_settings import unchanged

from reference_trainer import methods
from reference_trainer.support import tiny
from reference_trainer.support.reproducible import reproducible
from reference_trainer.training.scoring import evaluate

CPU = torch.device("cpu")

pytestmark = pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing:FutureWarning")  # peft asks by the old name


@pytest.fixture(scope="module")
def facts() -> methods.Result:
    with unchanged():
        return methods.run(CPU)


@pytest.mark.slow
def test_the_more_a_method_reaches_the_better_it_learns_what_is_new(facts: methods.Result) -> None:
    """Over five seeds, whose ranges do not overlap."""
    spreads = [facts.full_loss, facts.lora_loss, facts.prefix_loss, facts.prompt_loss]
    assert all(one.high < other.low for one, other in itertools.pairwise(spreads))
    assert {spread.seeds for spread in spreads} == {5}
    assert facts.order == "full < LoRA < P-tuning v2 < prompt tuning"
    assert min(facts.full_exact.low, facts.lora_exact.low) >= 95
    assert facts.prompt_exact.high < facts.prefix_exact.low <= facts.lora_exact.low
    ratio = facts.prefix_loss_ratio
    assert ratio.low >= facts.prefix_loss.low / facts.full_loss.high
    assert ratio.high <= facts.prefix_loss.high / facts.full_loss.low


def test_an_order_that_hangs_on_the_seed_is_none() -> None:
    one, other = {"full": 1.0, "lora": 2.0}, {"full": 2.0, "lora": 1.0}
    assert methods.order_of([one, one]) == "full < LoRA"
    assert methods.order_of([one, other]) == "differs by seed"


@pytest.mark.slow
def test_every_method_calls_up_what_the_model_knows(facts: methods.Result) -> None:
    assert facts.known_format_exact.low >= 90


@pytest.mark.slow
def test_shares_and_bytes_follow_from_the_shapes(facts: methods.Result) -> None:
    """64 wide, 192 inside, 2 layers, 64 characters; the embedding is also the output; AdamW keeps 8 bytes."""
    layer = 4 * 64 * 64 + 3 * 64 * 192 + 2 * 64
    base = 2 * layer + 64 + 64 * 64
    lora = 2 * 8 * (4 * (64 + 64) + 3 * (64 + 192))
    prefix, prompt = 16 * 2 * 2 * 64, 16 * 64
    for name, trained, everything in (
        ("full", base, base),
        ("lora", lora, base + lora),
        ("prefix", prefix, base + prefix),
        ("prompt", prompt, base + prompt),
    ):
        assert getattr(facts, f"{name}_share") == pytest.approx(100 * trained / everything)
        assert getattr(facts, f"{name}_optimizer_bytes") == 8 * trained


@pytest.mark.slow
def test_the_curves_end_near_the_losses(facts: methods.Result) -> None:
    """The picture shows what was measured: one loss a step, and the last ones beside the held-out loss."""
    assert set(methods.draw(facts)) == {"losses"}
    for name, label in methods.NAMES.items():
        losses = facts.losses[label]
        assert len(losses) == methods.STEPS
        last = sum(losses[-10:]) / 10
        assert last == pytest.approx(getattr(facts, f"{name}_loss").value, rel=0.6, abs=0.02)


def test_prompt_tuning_is_that_of_peft() -> None:
    """With the same vectors, peft's model gives the same logits behind the prompt's places."""
    with reproducible(0):
        own = methods.PromptModel(tiny.model(), 5)
        peft_model = get_peft_model(
            tiny.model(), PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=5, token_dim=64)
        )
        encoder: Any = peft_model.prompt_encoder["default"]
        encoder.embedding.weight.data = own.prompt.data
        ids = torch.randint(3, 64, (2, 7))
        mask = torch.ones_like(ids)
        expected = peft_model(input_ids=ids, attention_mask=mask).logits[:, 5:]
        torch.testing.assert_close(own(ids, mask).logits, expected)
        assert [name for name, weight in own.named_parameters() if weight.requires_grad] == ["prompt"]


def test_an_exact_answer_is_one_that_generation_writes() -> None:
    """The share of exact answers, from one pass over prompt and answer, is that of greedy generation."""
    with reproducible(0):
        model: Any = tiny.pretrained(steps=300)
        lesson = methods.task(tiny.FORMATS["A"])
        written = []
        for example in lesson.dev[:24]:
            asked = [token for token, label in zip(example.ids, example.labels, strict=True) if label < 0]
            wanted = [label for label in example.labels if label >= 0]
            answer = model.generate(
                torch.tensor([asked]), attention_mask=torch.ones(1, len(asked)), max_new_tokens=40, do_sample=False
            )
            written.append(answer[0, len(asked) :].tolist() == wanted)
        quality = evaluate(model, lesson.dev[:24], Accelerator(cpu=True), 24, padding=0)
    assert sum(written) > 0, "the model writes some answers"
    assert quality.exact == pytest.approx(sum(written) / 24)


def test_the_new_format_is_new_and_no_attributes_are_in_both_parts() -> None:
    lesson = methods.task(methods.unseen)
    assert len({example.ids for example in lesson.train} & {example.ids for example in lesson.dev}) == 0
    assert (len(lesson.train), len(lesson.dev)) == (384, 96)
    line = methods.unseen("red", "tiny", "cup")
    assert line not in {write("red", "tiny", "cup") for write in tiny.FORMATS.values()}
    assert set(line) <= set(tiny.ALPHABET)
