"""Warmup: the learning rate climbs from 0 to its peak, then falls in a straight line back to 0.

`get_scheduler("linear", …)` multiplies the peak rate, once for each optimizer step t (Goyal et al. 2017,
arXiv:1706.02677, for the climb; Devlin et al. 2018, "BERT", arXiv:1810.04805, for climb and linear decay), by

    t / warm_steps                                        while t < warm_steps
    (max_train_steps - t) / (max_train_steps - warm_steps)      afterwards

- The first step has the rate 0: forward and backward run, and no weight moves.
- Why climb: Adam's first step is as long as the learning rate for any gradient, large or small (until it comes near
  Adam's epsilon of 1e-8), because its running means know one gradient only (Liu et al. 2020, arXiv:1908.03265). At
  full rate that is a leap in a random direction.
- `max_train_steps` counts optimizer steps, epochs · num_update_steps_per_epoch, and `lr_scheduler.step()` is called
  once for each. Called once an epoch, a run ends before its warmup does.
- `int(warmup_ratio * max_train_steps)` cuts off: 0.29 · 100 is 28.999… in floating point, and a short run loses its
  warmup altogether. transformers rounds up; its setting is `TrainingArguments(warmup_steps=0.1)`, a share below 1,
  and `warmup_ratio` is no argument of it any more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from matplotlib.figure import Figure
from transformers import get_scheduler

from ankillm.evidence import fact, publish
from reference_trainer.support.pictures import curves
from reference_trainer.support.reproducible import reproducible
from reference_trainer.support.versions import warmup_share

TERMS = (
    "学习率",
    "get_linear_schedule_with_warmup",
    "max_train_steps",
    "lr_scheduler",
    "学习率调度",
    "学习率预热",
    "learning rate schedule",
)
OTHERS = ("sequence length warmup", "sequence-length warmup", "batch size warmup", "序列长度预热")
MISREADINGS = (
    {
        "pattern": (
            (
                r"(第一步|首步|first step)(就|即|already|will| |也|都){1,3}(会|能|可以|开始)?…(更新|改变|"
                r"updates?|changes?)…(权重|参数|weights?|param)"
            ),
            (
                r"(with|under|during) (linear )?warm-?up,? the first step (already |really )?(moves|updates|"
                r"changes) (the |any |all )?(weights|parameters)"
            ),
        ),
        "about": ("预热", "warmup", "warm-up", "get_linear_schedule_with_warmup", "num_warmup_steps"),
        "unless": r"很小|小|little|small|tiny|余弦|cosine|start_factor|LinearLR|slightly",
        "sure": True,
        "fact": "first_step_moves",
        "expectation": "yes",
        "zh": "线性预热的第一步学习率为 0：这一步不更新任何权重",
        "en": "with linear warmup the first step has a learning rate of 0: it updates no weight",
    },
    {
        "pattern": r"(每个?( )?(epoch|轮)|each epoch|once an epoch|per epoch)…(scheduler\.step|调度器|学习率调度)",
        "about": ("get_linear_schedule_with_warmup", "get_scheduler", "num_warmup_steps", "num_training_steps"),
        "unless": r"StepLR|Cosine|Plateau|Exponential|LambdaLR|batch|每步|每个 ?step",
        "fact": "peak_share_if_stepped_each_epoch",
        "expectation": "= 100%",
        "zh": "调度器按优化器步数计：每轮只调用一次，学习率到不了峰值",
        "en": "the schedule counts optimizer steps: called once an epoch, the rate never comes near its peak",
    },
    {
        "pattern": (
            (
                r"(预热|warm-?up)(阶段|期间|期|过程|的过程)?(中|时|"
                r"里)?[，,]?(的)?学习率[^，,。；;\n后升增不非没未]{0,8}(逐渐|逐步|线性|慢慢|不断)(地)?(降低|减小|"
                r"下降|衰减|减少)"
            ),
            (
                r"during (the )?(learning rate )?warm-?up( phase)?,? the (learning rate|lr) (gradually |linearly |"
                r"slowly |steadily )?(decreases|decays|falls|drops|is (decreased|decayed|lowered|reduced))"
            ),
            r"(预热|warm-?up)(是指?|指的是?|即)[^，,。；;\n]{0,8}学习率从(大|高|峰值|最大值?)(到|变|降)(小|低|零|0)",
            r"(预热|warm-?up)……学习率(会|是)?(由|从)(大|高|峰值)(到|变|至|往|逐渐)(小|低)",
            (
                r"(during|in) (the )?warm-?up( phase| stage)?,?…(start|begin)s?…(large|high|big|maximum|"
                r"peak) (learning rate|lr)…(decrease|reduce|lower)"
            ),
            r"warm-?up (gradually |slowly |linearly )?(lowers|decreases|reduces) the (learning rate|lr)",
        ),
        "about": ("预热", "warmup", "warm-up"),
        "unless": r"之后|结束|然后|随后|再|先|增|升|after|then|increase|rise|ramp|grow|小到大",
        "sure": True,
        "fact": "first_lr",
        "expectation": "> 0",
        "zh": "预热从 0 开始升到峰值",
        "en": "warmup starts at 0 and rises to the peak",
    },
)

PEAK = 1e-3
STEPS = 100
WARM = 10


@dataclass(frozen=True, slots=True)
class Warmup:
    """A linear schedule of 100 steps with 10 of warmup and a peak of 0.001, where nothing else is said."""

    first_lr: float = fact(
        zh="线性预热时，第一步（t=0）的学习率",
        en="learning rate of the first step (t=0) under linear warmup",
        terms=("get_scheduler", "num_warmup_steps", "预热", "warmup"),
        question_zh="`get_scheduler(name='linear', num_warmup_steps=10)`：第一步的学习率是多少？",
        question_en="`get_scheduler(name='linear', num_warmup_steps=10)`: what is the learning rate of the first step?",
    )
    first_step_moves: bool = fact(
        zh="有预热时，第一步是否改变任何权重",
        en="whether the first step under warmup moves any weight",
        terms=("num_warmup_steps", "预热", "warmup", "warm_steps"),
        question_zh="有线性预热时，训练的第一步会改变权重吗？",
        question_en="Under linear warmup, does the first training step change any weight?",
    )
    peak_step: int = fact(
        zh="共 100 步、预热 10 步：学习率到达峰值的步（从 0 数起）",
        en="step, counted from 0, at which the rate peaks: 100 steps, 10 of warmup",
        terms=("get_scheduler", "num_warmup_steps", "warm_steps", "学习率曲线", 'name="linear"', "linear schedule"),
        question_zh="共 100 步、预热 10 步的线性调度，学习率在第几步（从 0 数起）到达峰值？",
        question_en="A linear schedule of 100 steps with 10 of warmup: at which step, counted from 0, does it peak?",
        why_zh="第 t 步的学习率是 t/10 倍的峰值，t=10 时为 1 倍",
        why_en="at step t the rate is t/10 of its peak, at t = 10 all of it",
    )
    schedule_error: float = fact(
        zh="每一步的学习率与线性公式的最大差",
        en="largest difference from the linear formula over all steps",
        terms=("get_scheduler", "num_training_steps", "学习率曲线", "线性调度", "linear schedule"),
        why_zh="调度器用的就是这个公式",
        why_en="the schedule is this very formula",
    )
    last_lr_share: float = fact(
        zh="最后一步的学习率占峰值的比例（100 步、预热 10 步）",
        en="rate of the last step as a share of the peak (100 steps, 10 of warmup)",
        unit="%",
        terms=("num_training_steps", "线性衰减", "linear decay"),
        why_zh="最后一步是第 99 步：(100 − 99)/90",
        why_en="the last step is number 99: (100 − 99) / 90",
    )
    truncated_steps: int = fact(
        zh="`int(0.29 * 100)` 得到的预热步数",
        en="warmup steps that `int(0.29 * 100)` gives",
        terms=("warmup_ratio", "warm_steps"),
        question_zh="`warmup_ratio=0.29`、共 100 步，`int(warmup_ratio * max_train_steps)` 得到几步？",
        question_en="`warmup_ratio=0.29` of 100 steps: how many does `int(warmup_ratio * max_train_steps)` give?",
        why_zh="0.29 在浮点数里略小，乘以 100 得 28.999…，int() 舍去小数",
        why_en="0.29 is a little less in floating point: times 100 it is 28.999…, and int() drops the rest",
    )
    short_run_steps: int = fact(
        zh="`warmup_ratio=0.1`、共 9 步时，`int()` 得到的预热步数",
        en="warmup steps that `int(0.1 * 9)` gives: a short run",
        terms=("warmup_ratio",),
    )
    transformers_steps: int = fact(
        zh="共 9 步，`TrainingArguments(warmup_steps=0.1)` 取的预热步数（向上取整）",
        en="warmup steps that `TrainingArguments(warmup_steps=0.1)` takes of 9 steps (it rounds up)",
        terms=("warmup_ratio", "warmup_steps"),
        why_zh="小于 1 的 warmup_steps 是比例，9×0.1 向上取整",
        why_en="warmup_steps below 1 is a share, and 9 × 0.1 is rounded up",
    )
    all_warmup_share: float = fact(
        zh="预热步数等于总步数时，学习率最高到峰值的比例",
        en="highest rate as a share of the peak when every step is warmup",
        unit="%",
        terms=("num_warmup_steps",),
    )
    peak_share_if_stepped_each_epoch: float = fact(
        zh="3 轮共 300 步、预热 30 步，却每轮才调用一次 `lr_scheduler.step()`：最高到峰值的比例",
        en="highest rate as a share of the peak when lr_scheduler.step() is called once an epoch (3 epochs, 300 steps)",
        unit="%",
        terms=("lr_scheduler.step", "num_update_steps_per_epoch"),
        question_zh="3 轮共 300 步、预热 30 步，若每轮只调用一次 `lr_scheduler.step()`，学习率最高到峰值的百分之几？",
        question_en="300 steps in 3 epochs, 30 of warmup, but one `lr_scheduler.step()` an epoch: how near the peak?",
    )
    first_adam_step: float = fact(
        zh="不预热时，Adam 第一步的更新是学习率的几倍（梯度 1 与 0.001 中较小者）",
        en="Adam's first update over the learning rate, without warmup (the smaller one for gradients of 1 and 0.001)",
        unit="×",
        terms=("torch.optim.Adam", "预热", "warmup"),
        question_zh="不预热时，Adam 第一步的更新幅度约为学习率的几倍（与梯度大小几乎无关）？",
        question_en="Without warmup, how large is Adam's first update compared with the learning rate?",
        why_zh="第一步两个动量都来自同一个梯度，相除后大小约为 1",
        why_en="at the first step both means come of one gradient, and their ratio is about 1",
    )


def run(device: torch.device, seed: int = 0) -> Warmup:
    """Measure the schedule as the optimizer sees it, and what its first step does to a weight."""
    with reproducible(seed):
        rates = schedule(STEPS, WARM)
        return Warmup(
            first_lr=rates[0],
            first_step_moves=first_step_moves(device),
            peak_step=rates.index(max(rates)),
            schedule_error=max(abs(rate - formula(step)) for step, rate in enumerate(rates)),
            last_lr_share=100 * rates[-1] / PEAK,
            truncated_steps=int(0.29 * 100),
            short_run_steps=int(0.1 * 9),
            transformers_steps=warmup_share(0.1).get_warmup_steps(9),
            all_warmup_share=100 * max(schedule(STEPS, STEPS)) / PEAK,
            peak_share_if_stepped_each_epoch=100 * max(schedule(300, 30, calls=3)) / PEAK,
            first_adam_step=min(adam_step(gradient, device) for gradient in (1.0, 1e-3)),
        )


def schedule(steps: int, warm: int, calls: int | None = None) -> list[float]:
    """Return the rate of each optimizer step; with `calls`, of the first so many calls of the scheduler."""
    optimizer = torch.optim.AdamW([torch.zeros(1, requires_grad=True)], lr=PEAK)
    scheduler = get_scheduler("linear", optimizer, num_warmup_steps=warm, num_training_steps=steps)
    rates = []
    for _ in range(calls or steps):
        rates.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        scheduler.step()
    return rates


def formula(step: int) -> float:
    """Return the rate of a step as the formula above gives it."""
    return PEAK * (step / WARM if step < WARM else (STEPS - step) / (STEPS - WARM))


def first_step_moves(device: torch.device) -> bool:
    """Whether one whole training step at the start of the schedule changes a weight."""
    weight = torch.ones(8, device=device, requires_grad=True)
    optimizer = torch.optim.AdamW([weight], lr=PEAK)
    get_scheduler("linear", optimizer, num_warmup_steps=WARM, num_training_steps=STEPS)
    loss: Any = weight.square().sum()
    loss.backward()
    optimizer.step()
    return not torch.equal(weight, torch.ones_like(weight))


def adam_step(gradient: float, device: torch.device) -> float:
    """Return the length of Adam's first update of a weight at 0 over the learning rate."""
    weight = torch.zeros(1, device=device, requires_grad=True)
    weight.grad = torch.full_like(weight, gradient)
    torch.optim.Adam([weight], lr=PEAK).step()
    return round(abs(weight.item()) / PEAK, 4)


def draw(result: Warmup) -> Mapping[str, Figure]:
    """Draw the schedule that was measured."""
    del result  # the curve is the schedule itself
    return {"schedule": curves({"learning rate": schedule(STEPS, WARM)}, x="optimizer step", y="learning rate")}


if __name__ == "__main__":
    publish(run, draw)
