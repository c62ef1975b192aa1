"""The demo of model shapes against closed formulas and published counts."""

from pathlib import Path

import pytest
import torch
from torch_settings import unchanged

from reference_trainer import model_shapes
from reference_trainer.support.models import tiny_llama

CPU = torch.device("cpu")
BILLION = 1e9


@pytest.fixture(scope="module")
def facts() -> model_shapes.ModelShapes:
    with unchanged():
        result = model_shapes.run(CPU)
    assert isinstance(result, model_shapes.ModelShapes)
    return result


def gpt(layers: int, width: int, vocabulary: int, positions: int, last_norm: int) -> int:
    """Sum up a GPT: tables, then for each layer 12 d² of matrices, 9 d of biases and two norms of 2 d."""
    return (vocabulary + positions) * width + layers * (12 * width**2 + 13 * width) + last_norm * 2 * width


def llama(layers: int, width: int, inner: int, vocabulary: int, attention: int) -> int:
    """Sum up a Llama: two tables; in a layer its attention, three matrices and two norms; and a last norm."""
    return 2 * vocabulary * width + layers * (attention + 3 * width * inner + 2 * width) + width


def test_counts_are_the_closed_formula(facts: model_shapes.ModelShapes) -> None:
    assert facts.gpt1_parameters == gpt(12, 768, 40478, 512, last_norm=0)
    assert facts.gpt2_parameters == gpt(12, 768, 50257, 1024, last_norm=1)
    assert facts.gpt3_parameters == gpt(96, 12288, 50257, 2048, last_norm=1)
    assert facts.llama2_7b_parameters == llama(32, 4096, 11008, 32000, attention=4 * 4096**2)
    assert facts.baichuan_7b_parameters == llama(32, 4096, 11008, 64000, attention=4 * 4096**2)
    grouped = 2 * 3584**2 + 2 * 3584 * 512 + (3584 + 2 * 512)  # q and o, k and v, three biases
    assert facts.qwen_7b_parameters == llama(28, 3584, 18944, 152064, attention=grouped)


def test_counts_are_those_that_were_published(facts: model_shapes.ModelShapes) -> None:
    """As the papers print them: 117 M (GPT-1), 175 B, 110 M, 12 M, 60 M, 7.6 B, and 7 B of Baichuan's own file."""
    assert facts.gpt1_parameters == 116_534_784
    assert round(facts.gpt3_parameters / BILLION) == 175
    assert facts.bert_base_parameters / BILLION == pytest.approx(0.110, abs=0.001)
    assert round(facts.albert_base_parameters / 1e6) == 12
    assert facts.t5_small_parameters / 1e6 == pytest.approx(60, abs=1)
    assert round(facts.qwen_7b_parameters / BILLION, 1) == 7.6
    assert facts.baichuan_7b_parameters == 7_000_559_616


def test_parts_of_llama_2_7b_by_hand(facts: model_shapes.ModelShapes) -> None:
    everything = facts.llama2_7b_parameters
    assert facts.attention_share == pytest.approx(100 * 32 * 4 * 4096**2 / everything)
    assert facts.feed_forward_share == pytest.approx(100 * 32 * 3 * 4096 * 11008 / everything)
    assert facts.embedding_share == pytest.approx(100 * 2 * 152064 * 3584 / facts.qwen_7b_parameters)
    assert facts.twelve_d_squared_ratio == pytest.approx(12 * 4096**2 / (4 * 4096**2 + 3 * 4096 * 11008))
    assert facts.heads_parameter_ratio == 1


def test_operations_by_hand(facts: model_shapes.ModelShapes) -> None:
    """Two a parameter of each matrix, none for the embedding; scores take 4·d a token and token seen, in a layer."""
    matrices = facts.llama2_7b_parameters - 32000 * 4096 - 65 * 4096
    scores = 32 * 4 * 4096 * model_shapes.TOKENS
    assert facts.forward_operations * facts.llama2_7b_parameters == pytest.approx(2 * matrices + scores, rel=1e-9)
    assert facts.training_operations == pytest.approx(3 * facts.forward_operations, rel=1e-3)


def test_memory_by_hand(facts: model_shapes.ModelShapes) -> None:
    assert facts.half_gib == pytest.approx(2 * facts.llama2_7b_parameters / 2**30)
    assert facts.training_bytes == 4 * 4
    assert facts.allocated_ratio is None


def test_the_users_own_model(tmp_path: Path) -> None:
    """The tiny Llama: an embedding and an output layer of 256 rows, 64 wide."""
    tiny_llama(CPU, layers=3).config.save_pretrained(tmp_path)
    own = model_shapes.run(CPU, model=str(tmp_path))
    assert isinstance(own, model_shapes.OwnModel)
    assert own.parameters == llama(3, 64, 128, 256, attention=4 * 64**2)
    assert own.embedding_share == pytest.approx(100 * 256 * 64 / own.parameters)
    assert own.matrix_share == pytest.approx(100 * (own.parameters - 256 * 64 - 7 * 64) / own.parameters)
