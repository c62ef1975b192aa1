"""Four ways to fine-tune, on one task: all weights, LoRA, P-tuning v2, prompt tuning.

A small Llama has been pretrained to write a line about three attributes in four formats. It is then taught two tasks
by every method, each by five seeds (which decide what is drawn: LoRA's first weights, the prompt, the order of data):

- a format that it knows, which it only has to choose: all methods learn it. What is trained may be tiny, where it has
  to call up what the model can do already;
- a format that it has never seen: the more freely a method reaches into the model, the better it learns in the same
  steps. Full fine-tuning changes every weight; LoRA (Hu et al. 2021, arXiv:2106.09685) adds an update of rank 8 to each
  linear layer; P-tuning v2 (Liu et al. 2021, arXiv:2110.07602) gives each layer 16 trained keys and values to attend
  to; prompt tuning (Lester et al. 2021, arXiv:2104.08691) puts 16 trained vectors before the input and nothing else.

What a toy shows is the order and the reason, not how far the methods are apart: that shrinks with the size of the
model. The authors of P-tuning v2 find it level with full fine-tuning from 330 million parameters on, those of prompt
tuning for billions only, and on SmolLM2 (135 million) P-tuning v2 and LoRA both reach 100 % on a small task.

Data, batches, AdamW, warmup and steps are the same; the learning rate is each method's own, chosen among 0.001, 0.003,
0.01, 0.03, 0.1 and 0.3: prefix and prompt need one that is ten to thirty times that of weights. The shares of trained
parameters are large because the model is small; `ankillm count` gives those of a real one.
"""
# ruff: noqa: RUF009  (`fact` makes a field of a dataclass, whatever its type)

import copy
import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import torch
from accelerate import Accelerator
from matplotlib.figure import Figure
from torch import Tensor, nn
from transformers import LlamaForCausalLM

from ankillm.evidence import Spread, fact, publish
from reference_trainer.support import tiny
from reference_trainer.support.gpu import Size, cost, llama, only_on_gpu, training_step
from reference_trainer.support.gpu import tokens as tokens_of
from reference_trainer.support.pictures import curves
from reference_trainer.support.reproducible import reproducible
from reference_trainer.support.seeds import SEEDS
from reference_trainer.training.batches import Example, Order, collate
from reference_trainer.training.encoding import encode
from reference_trainer.training.jsonl import Line
from reference_trainer.training.optim import adamw, linear_warmup
from reference_trainer.training.scoring import evaluate, summed_loss
from reference_trainer.training.settings import Settings
from reference_trainer.training.tuning import adapt, counts

TERMS = ("parameter-efficient", "参数高效")
STEPS = 80
KNOWN_STEPS = 80
BATCH = 16
TOKENS = 16
METHODS: Mapping[str, Settings] = MappingProxyType(
    {
        "full": Settings(method="full", lr=1e-2),
        "lora": Settings(method="lora", lr=1e-2),
        "prefix": Settings(method="ptuning", lr=3e-1, pre_seq_len=TOKENS),
        "prompt": Settings(lr=1e-1),
    }
)
NAMES = {"full": "full", "lora": "LoRA", "prefix": "P-tuning v2", "prompt": "prompt tuning"}
KNOWN = "C"
ON_GPU = (
    *(f"gpu_{name}_peak" for name in ("full", "lora", "prefix")),
    *(f"gpu_{name}_time_ratio" for name in ("lora", "prefix")),
)
"""The facts that take a GPU to tell."""


def unseen(color: str, size: str, item: str) -> str:
    """Write the line in a format that pretraining has not shown."""
    return f"{item} ({size}, {color})!"


@dataclass(frozen=True, slots=True)
class Methods:
    """A Llama of 111 thousand parameters; losses in nats per character of 96 held-out answers."""

    order: str = fact(
        zh="没见过的格式上训练 80 步，各方法按最终损失从低到高（五个种子一致）",
        en="methods by their loss after 80 steps on a format never seen, lowest first (the same for five seeds)",
        terms=("全参数微调", "全量微调", "full fine-tuning", "参数高效微调"),
        question_zh="在没见过的格式上训练同样多步：全参数、LoRA、P-tuning v2、prompt tuning 的损失怎样排序？",
        question_en="Same steps on a format never seen: order full, LoRA, P-tuning v2 and prompt tuning by their loss.",
        why_zh="能改动的越多，越容易学会没见过的格式",
        why_en="the more a method can change, the sooner it learns what the model has not seen",
    )
    known_format_exact: Spread = fact(
        zh="模型本来就会的格式上，四种方法中最低的完全匹配率",
        en="lowest share of exact answers of the four methods, on a format that the model knows already",
        unit="%",
        terms=("parameter-efficient fine-tuning", "参数高效微调", "全参数微调", "full fine-tuning"),
        varies=True,
        tolerance=5.0,
        question_zh="任务只需“选出”模型已会的格式时，四种微调方法中最差的完全匹配率是多少？",
        question_en="If a task only asks for a format that the model knows, how well does the worst method do?",
        why_zh="模型已经会了，只需把它引到那里：很少的参数就够",
        why_en="the model can do it already and has only to be steered there: few parameters are enough",
    )
    prefix_loss_ratio: Spread = fact(
        zh="11 万参数的小模型、没见过的格式、80 步：P-tuning v2 的损失是全参数微调的几倍",
        en="111 thousand parameters, a format never seen, 80 steps: loss of P-tuning v2 over full fine-tuning's",
        unit="×",
        terms=("[接近]全参数微调", "[level with ]full fine-tuning"),
        varies=True,
        tolerance=8.0,
    )
    full_loss: Spread = fact(
        zh="没见过的格式：全参数微调的最终损失",
        en="final loss of full fine-tuning on a format never seen",
        terms=("全参数微调", "全量微调", "full fine-tuning"),
        varies=True,
        tolerance=0.002,
    )
    lora_loss: Spread = fact(
        zh="没见过的格式：LoRA（r=8，全部线性层）的最终损失",
        en="final loss of LoRA (r=8, all linear layers) on a format never seen",
        terms=("LoRA 的效果", "[LoRA versus]", "all-linear"),
        varies=True,
        tolerance=0.005,
        why_zh="每个线性层都能改动，虽然只在 r=8 维里",
        why_en="each linear layer can change, if only in r = 8 dimensions",
    )
    prefix_loss: Spread = fact(
        zh="没见过的格式：P-tuning v2（16 个前缀）的最终损失",
        en="final loss of P-tuning v2 (16 prefixes) on a format never seen",
        terms=("P-tuning 的效果", "[P-tuning versus]", "prefix tuning[ versus]"),
        varies=True,
        tolerance=0.03,
        why_zh="前缀只能改变各层注意到什么，改不了各层怎样计算",
        why_en="a prefix changes what layers attend to, not how they compute",
    )
    prompt_loss: Spread = fact(
        zh="没见过的格式：prompt tuning（16 个向量）的最终损失",
        en="final loss of prompt tuning (16 vectors) on a format never seen",
        terms=("prompt tuning 的效果", "[prompt tuning versus]"),
        varies=True,
        tolerance=0.15,
        why_zh="只有输入层的 16 个向量可训练，隔着所有层去影响输出",
        why_en="only 16 vectors at the input are trained, and all layers stand between them and the output",
    )
    full_exact: Spread = fact(
        zh="没见过的格式：全参数微调的完全匹配率",
        en="exact answers of full fine-tuning on a format never seen",
        unit="%",
        terms=("全参数微调", "全量微调", "full fine-tuning"),
        varies=True,
        tolerance=5.0,
    )
    lora_exact: Spread = fact(
        zh="没见过的格式：LoRA 的完全匹配率",
        en="exact answers of LoRA on a format never seen",
        unit="%",
        terms=("LoRA 的效果", "[LoRA versus]", "all-linear"),
        varies=True,
        tolerance=5.0,
    )
    prefix_exact: Spread = fact(
        zh="没见过的格式：P-tuning v2 的完全匹配率",
        en="exact answers of P-tuning v2 on a format never seen",
        unit="%",
        terms=("P-tuning 的效果", "[P-tuning versus]", "prefix tuning[ versus]"),
        varies=True,
        tolerance=20.0,
    )
    prompt_exact: Spread = fact(
        zh="没见过的格式：prompt tuning 的完全匹配率",
        en="exact answers of prompt tuning on a format never seen",
        unit="%",
        terms=("prompt tuning 的效果", "[prompt tuning versus]"),
        varies=True,
        tolerance=5.0,
    )
    full_share: float = fact(
        zh="全参数微调训练的参数占比", en="share of parameters that full fine-tuning trains", unit="%",
        terms=("全参数微调", "全量微调", "full fine-tuning"),
    )  # fmt: skip
    lora_share: float = fact(
        zh="LoRA（r=8，全部线性层）训练的参数占比（小模型）",
        en="share of parameters that LoRA (r=8, all linear layers) trains in the small model",
        unit="%",
        terms=("LoRA 的效果", "[LoRA versus]", "all-linear"),
    )
    prefix_share: float = fact(
        zh="P-tuning v2（16 个前缀）训练的参数占比（小模型）",
        en="share of parameters that P-tuning v2 (16 prefixes) trains in the small model",
        unit="%",
        terms=("P-tuning 的效果", "[P-tuning versus]", "prefix tuning[ versus]"),
    )
    prompt_share: float = fact(
        zh="prompt tuning（16 个向量）训练的参数占比（小模型）",
        en="share of parameters that prompt tuning (16 vectors) trains in the small model",
        unit="%",
        terms=("prompt tuning 的效果", "[prompt tuning versus]"),
    )
    full_optimizer_bytes: int = fact(
        zh="全参数微调时 AdamW 状态的字节数（11.1 万参数）",
        en="bytes of AdamW's state in full fine-tuning (111 thousand parameters)",
        unit="B",
        terms=("优化器状态", "optimizer state", "optimizer states"),
        question_zh="全参数微调 110,912 个参数，AdamW 的状态占多少字节？",
        question_en="Full fine-tuning of 110,912 parameters: how many bytes does AdamW's state take?",
        why_zh="AdamW 为每个参数存两个 fp32 的动量：8 字节",
        why_en="AdamW keeps two means in fp32 for each parameter: 8 bytes",
    )
    lora_optimizer_bytes: int = fact(
        zh="LoRA 时 AdamW 状态的字节数（同一模型）",
        en="bytes of AdamW's state with LoRA (same model)",
        unit="B",
        terms=("优化器状态", "optimizer state", "optimizer states"),
    )
    prefix_optimizer_bytes: int = fact(
        zh="P-tuning v2 时 AdamW 状态的字节数（同一模型）",
        en="bytes of AdamW's state with P-tuning v2 (same model)",
        unit="B",
        terms=("优化器状态", "optimizer state", "optimizer states"),
    )
    prompt_optimizer_bytes: int = fact(
        zh="prompt tuning 时 AdamW 状态的字节数（同一模型）",
        en="bytes of AdamW's state with prompt tuning (same model)",
        unit="B",
        terms=("prompt tuning 的效果", "[prompt tuning versus]"),
    )
    gpu_full_peak: float | None = fact(
        zh="GPU：Llama-3.2-1B 形状、bf16、4×512 词元，全参数微调一步的峰值显存",
        en="GPU, Llama-3.2-1B's shape, bf16, 4×512 tokens, full fine-tuning: peak memory of a step",
        unit="GiB",
        terms=(
            "全参数微调",
            "全量微调",
            "full fine-tuning",
        ),
        varies=True,
        tolerance=0.5,
        why_zh="权重、梯度和 AdamW 的两个状态每个参数都有",
        why_en="weights, gradients and the two states of AdamW are there for every parameter",
    )
    gpu_lora_peak: float | None = fact(
        zh="GPU：Llama-3.2-1B 形状、bf16、4×512 词元，LoRA（r=8，全部线性层）一步的峰值显存",
        en="GPU, Llama-3.2-1B's shape, bf16, 4×512 tokens, LoRA (r=8, all linear layers): peak memory of a step",
        unit="GiB",
        terms=(
            "LoRA 的效果",
            "[LoRA versus]",
            "参数高效微调",
        ),
        varies=True,
        tolerance=0.5,
        why_zh="梯度和优化器状态只有适配器的",
        why_en="gradients and states of the optimizer are those of the adapter alone",
    )
    gpu_prefix_peak: float | None = fact(
        zh="GPU：Llama-3.2-1B 形状、bf16、4×512 词元，P-tuning v2（128 个前缀）一步的峰值显存",
        en="GPU, Llama-3.2-1B's shape, bf16, 4×512 tokens, P-tuning v2 (128 prefixes): peak memory of a step",
        unit="GiB",
        terms=(
            "P-tuning 的效果",
            "[P-tuning versus]",
            "参数高效微调",
        ),
        varies=True,
        tolerance=0.5,
    )
    gpu_lora_time_ratio: float | None = fact(
        zh="GPU：Llama-3.2-1B 形状、bf16、4×512 词元，LoRA 一步的用时是全参数微调的几倍",
        en="GPU, Llama-3.2-1B's shape, bf16, 4×512 tokens, time of a step of LoRA over full fine-tuning",
        unit="×",
        terms=(
            "LoRA 的效果",
            "[LoRA versus]",
            "参数高效微调",
        ),
        varies=True,
        tolerance=0.15,
        why_zh="LoRA 省的是梯度和状态，不是前向；多出的小内核在这块 GPU 上启动起来更费时",
        why_en="LoRA spares gradients and states, not the forward pass, and has small kernels more to start",
    )
    gpu_prefix_time_ratio: float | None = fact(
        zh="GPU：Llama-3.2-1B 形状、bf16、4×512 词元，P-tuning v2 一步的用时是全参数微调的几倍",
        en="GPU, Llama-3.2-1B's shape, bf16, 4×512 tokens, time of a step of P-tuning v2 over full fine-tuning",
        unit="×",
        terms=(
            "P-tuning 的效果",
            "[P-tuning versus]",
            "参数高效微调",
        ),
        varies=True,
        tolerance=0.15,
    )


@dataclass(frozen=True, slots=True)
class Result(Methods):
    """The facts, and each method's loss at every step on the format never seen."""

    losses: Mapping[str, Sequence[float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Task:
    """Examples to train on and examples held out."""

    train: Sequence[Example]
    dev: Sequence[Example]


@dataclass(frozen=True, slots=True)
class Trained:
    """What one method made of one task."""

    losses: Sequence[float]
    loss: float
    exact: float
    share: float
    optimizer_bytes: int


def run(device: torch.device, seed: int = 0) -> Result:
    """Pretrain once, then teach both tasks by every method, with five seeds."""
    with reproducible(seed):
        accelerator = Accelerator(cpu=device.type == "cpu")
        base = torch.nn.Module.to(tiny.pretrained(), device)
        new, known = task(unseen), task(tiny.FORMATS[KNOWN])
        seeds = range(seed, seed + SEEDS)
        learned = {name: [teach(name, base, new, accelerator, one) for one in seeds] for name in METHODS}
        exact = [
            min(teach(name, base, known, accelerator, one, steps=KNOWN_STEPS).exact for name in METHODS)
            for one in seeds
        ]
        values: dict[str, Any] = {
            f"{name}_{what}": Spread.of([getattr(one, what) for one in trained])
            for name, trained in learned.items()
            for what in ("loss", "exact")
        }
        sizes: dict[str, Any] = {
            f"{name}_{what}": getattr(trained[0], what)
            for name, trained in learned.items()
            for what in ("share", "optimizer_bytes")
        }
        ratios = [prefix.loss / full.loss for prefix, full in zip(learned["prefix"], learned["full"], strict=True)]
        return Result(
            order=order_of([{name: trained[at].loss for name, trained in learned.items()} for at in range(SEEDS)]),
            known_format_exact=Spread.of(exact),
            prefix_loss_ratio=Spread.of(ratios),
            losses={NAMES[name]: trained[0].losses for name, trained in learned.items()},
            **values,
            **sizes,
            **only_on_gpu(device, ON_GPU, on_gpu),
        )


def on_gpu(device: torch.device, size: Size) -> Mapping[str, float]:
    """Measure a step of each method as the training loop takes it."""
    costs = {}
    ids = tokens_of(device, size.of(4), size.of(512))
    for name in ("full", "lora", "prefix"):
        settings = replace(METHODS[name], pre_seq_len=size.of(128))
        model = adapt(llama(device, size.middle), settings, ids[0].tolist()).train()
        step = training_step(model, ids, adamw(model, settings), autocast=torch.bfloat16)
        costs[name] = cost(device, step)
    slow = costs["full"].milliseconds
    return {
        **{f"gpu_{name}_peak": costs[name].peak for name in costs},
        **{f"gpu_{name}_time_ratio": costs[name].milliseconds / slow for name in ("lora", "prefix")},
    }


def order_of(losses: Sequence[Mapping[str, float]]) -> str:
    """Return the methods by their loss, lowest first, if all seeds agree on it."""
    orders = {" < ".join(NAMES[name] for name in sorted(one, key=one.__getitem__)) for one in losses}
    return orders.pop() if len(orders) == 1 else "differs by seed"


def task(write: tiny.Format) -> Task:
    """Return 384 examples of a format to train on and 96 held out, of other attributes, as characters."""
    triples = list(itertools.product(tiny.COLORS, tiny.SIZES, tiny.ITEMS))
    random.Random(0).shuffle(triples)
    tokenizer = tiny.tokenizer()
    pairs = [{"prompt": f"{' '.join(triple)}>", "response": write(*triple)} for triple in triples]
    examples = [one for pair in pairs for one in encode(Line("", pair), tokenizer, max_length=64, cut=False)]
    return Task(examples[:384], examples[384:])


def teach(  # noqa: PLR0913  (what, on what, where, and how long)
    name: str, base: LlamaForCausalLM, lesson: Task, accelerator: Accelerator, seed: int, *, steps: int = STEPS
) -> Trained:
    """Train a copy of the model by one method and evaluate it."""
    settings = METHODS[name]
    torch.manual_seed(seed)
    read = [token for example in lesson.train for token in example.ids]
    model = PromptModel(copy.deepcopy(base), TOKENS) if name == "prompt" else adapt(copy.deepcopy(base), settings, read)
    optimizer = adamw(model, settings)
    schedule = linear_warmup(optimizer, steps, ratio=0.1)
    order = Order(len(lesson.train), BATCH, seed)
    losses = []
    model.train()
    for step in range(steps):
        examples = [lesson.train[index] for index in order.step(step)]
        batch = collate(examples, padding=0).to(accelerator.device)
        loss: Any = summed_loss(model, batch) / sum(example.learned for example in examples)
        loss.backward()
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    quality = evaluate(model, lesson.dev, accelerator, len(lesson.dev), padding=0)
    trained, everything = counts(model)
    return Trained(losses, quality.loss, 100 * quality.exact, 100 * trained / everything, state_bytes(optimizer))


class PromptModel(nn.Module):
    """Prompt tuning: trained vectors before the embedded input, and a frozen model behind them."""

    def __init__(self, base: LlamaForCausalLM, tokens: int) -> None:
        super().__init__()
        self.base = nn.Module.requires_grad_(base, requires_grad=False)
        words: Any = base.get_input_embeddings().weight  # (vocabulary, hidden)
        self.prompt = nn.Parameter(words[torch.randint(len(words), (tokens,))].detach().clone())  # (n, hidden)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Any:  # noqa: ANN401  (the base model's output)
        """Return the base model's output without the prompt's places: logits are (batch, tokens, vocabulary)."""
        rows, tokens = len(input_ids), len(self.prompt)
        words = self.base.get_input_embeddings()(input_ids)  # (batch, tokens, hidden)
        longer = torch.cat([self.prompt.expand(rows, -1, -1), words], dim=1)  # (batch, n + tokens, hidden)
        mask = torch.cat([attention_mask.new_ones(rows, tokens), attention_mask], dim=1)
        output = self.base(inputs_embeds=longer, attention_mask=mask)
        output.logits = output.logits[:, tokens:]
        return output


def state_bytes(optimizer: torch.optim.Optimizer) -> int:
    """Return the bytes of the running means that the optimizer keeps; its counters aside."""
    tensors = (value for state in optimizer.state.values() for name, value in state.items() if name != "step")
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def draw(result: Result) -> Mapping[str, Figure]:
    """Draw the loss of every method on the format never seen, each step's mean with the nine before it."""
    smooth = {
        name: [sum(part) / len(part) for part in (losses[max(0, step - 9) : step + 1] for step in range(len(losses)))]
        for name, losses in result.losses.items()
    }
    return {"losses": curves(smooth, x="optimizer step", y="loss (nats per character)", log=True)}


if __name__ == "__main__":
    publish(run, draw)
