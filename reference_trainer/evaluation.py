"""Evaluation: every so many steps the loss on held-out data, and the weights are kept when it is the lowest so far.

    global_step, best_eval_loss = 0, float("inf")
    …
    if global_step % save_freq == 0:
        eval_loss = evaluate_model(model, dev_dataloader)
        if eval_loss < best_eval_loss:      # infinity: the first evaluation always saves
            best_eval_loss = eval_loss
            save(model)

- `model.eval()` switches dropout off, so that the same weights give the same loss; it does not stop gradients.
  `torch.no_grad()` does, and keeps no activations. An evaluation needs both, and `model.train()` afterwards: without
  it the rest of the run trains without dropout.
  Source: https://docs.pytorch.org/docs/stable/notes/autograd.html#locally-disabling-gradient-computation.
- The loss of an epoch is the mean over labels. A mean of the batches' means weights the few rows of a short last batch
  like a full one.
- A logged mean over all steps so far lags behind: it still holds the losses of the first steps when the present loss
  is far lower. Log the mean since the last line.
- Steps after the last multiple of `save_freq` are never evaluated: evaluate once more at the end.
"""
# ruff: noqa: RUF009  (`fact` makes a field of a dataclass, whatever its type)

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from matplotlib.figure import Figure
from torch import Tensor, nn
from transformers.modeling_outputs import CausalLMOutput

from ankillm.evidence import Spread, fact, publish
from reference_trainer.support.gpu import Size, cost, llama, only_on_gpu
from reference_trainer.support.gpu import loss_of as loss_on_gpu
from reference_trainer.support.gpu import tokens as tokens_of
from reference_trainer.support.models import tiny_llama
from reference_trainer.support.pictures import curves
from reference_trainer.support.reproducible import reproducible
from reference_trainer.support.seeds import over_seeds

TERMS = ("evaluate_model", "dev_dataloader", "验证集", "validation set", "早停", "early stopping", "eval_loss")
MISREADINGS = (
    {
        "pattern": (
            (
                r"(model\.eval(\(\))?|eval\(\)|评估模式|evaluation mode)`?…(关闭|停止|禁用|不再?计算|不再?记录|"
                r"turns? off|disables?|stops?|switch(es)? off)…(梯度|gradient|autograd|计算图)"
            ),
            (
                r"(model\.eval(\(\))?|\beval\(\))`?…\b(because|since|so|so that|as) no gradients? (is|"
                r"are) (computed|tracked|stored|calculated|kept)"
            ),
            r"\beval(\(\))?……{stops}(了|所有|自动)?(计算|记录|跟踪|追踪)?(梯度|求导|自动求导|自动微分)",
            r"\beval(\(\))?……{stops} (the )?(computation of |tracking of )?(gradients?\b|autograd|backprop)",
            (
                r"\beval(\(\))?……(不会?再?|不再|无需|无须)(去)?(计算|记录|跟踪|追踪|保存)(任何|和存储|"
                r"和保存)?(的)?梯度"
            ),
            (
                r"\beval(\(\))?……gradients? (are|is) (not|no longer|never) (computed|tracked|stored|recorded|"
                r"calculated)"
            ),
        ),
        "code": (
            r"\beval\(\) {0,8}# {0,4}(关闭|停止|禁用|不再?(?=计算|记录|跟踪|追踪))(了|所有|自动)?(计算|记录|"
            r"跟踪|追踪)?(梯度|求导)|\beval\(\) {0,8}# {0,4}(turns? off|disables?|stops?|switch off|"
            r"no) (the )?(gradients?|grads?\b|autograd)"
        ),
        "about": ("model.eval", "eval()", "评估模式", "evaluation mode", "model.eval()"),
        "unless": r"no_grad|inference_mode|set_grad_enabled",
        "sure": True,
        "fact": "eval_stops_gradients",
        "expectation": "yes",
        "zh": "model.eval() 只关掉 dropout 等；不算梯度要靠 torch.no_grad()",
        "en": "model.eval() switches off dropout and the like; it is torch.no_grad() that stops gradients",
    },
    {
        "pattern": (
            r"no_grad(\(\))?`?…(关闭|停用|禁用|关掉|turns? off|disables?|switch(es)? off)…dropout",
            r"no_grad(\(\))?`?…(dropout|batch ?norm|BN)…(评估|推理|测试)(模式|状态)",
            (
                r"no_grad(\(\))?`? (puts|switches|sets) (the )?(dropout|batch ?norm|"
                r"model)[^.,;\n]{0,20} (eval(uation)?|inference) mode"
            ),
            r"no_grad(\(\))?……{stops}(了|所有)?(the )? ?dropout",
            (
                r"no_grad(\(\))?……dropout ?(层|也|就|会|便|将|layers?|is|are|自动| ){0,5}(失效|关闭|停用|"
                r"不起作用|不生效|disabled|inactive|switched off|turned off)"
            ),
            r"no_grad(\(\))? (also )?(turns?|switch(es)?) (the )?dropout( layers?)? off",
            r"no_grad(\(\))?…(把|将) ?dropout ?(层)?(也|都)?{stops}",
        ),
        "about": ("no_grad",),
        "unless": r"eval|\.eval\(|model\.eval",
        "sure": True,
        "fact": "no_grad_stops_dropout",
        "expectation": "yes",
        "zh": "torch.no_grad() 不关 dropout；那是 model.eval() 的事",
        "en": "torch.no_grad() leaves dropout on; that is what model.eval() is for",
    },
    {
        "pattern": (
            r"sum\(loss_list\) ?/ ?len\(loss_list\)",
            r"np\.mean\(loss_list\)",
        ),
        "fact": "history_mean_lag",
        "expectation": "= 1.0×",
        "zh": "对全部历史取平均会掩盖当前的损失；应只平均上次日志之后的",
        "en": "the mean over the whole history hides the present loss; average since the last log line",
    },
    {
        "pattern": (
            (
                r"(\beval\(\)|model\.eval)(\(\))?`? ?(与|和|跟|同|and|"
                r"、) ?(with )?`?(torch\.)?no_grad(\(\))?`? ?(的)?(作用|效果|功能)?(是)?(完全|基本)?(相同|一样|"
                r"等价|等效|一致|(do|have|are) the same( thing| effect)?|are (equivalent|identical|"
                r"interchangeable))"
            ),
            (
                r"no_grad(\(\))?`? ?(与|和|跟|同|and|、) ?`?(model\.)?eval(\(\))?`? ?(的)?(作用|效果|"
                r"功能)?(是)?(完全|基本)?(相同|一样|等价|等效|一致|(do|have|are) the same( thing| effect)?|"
                r"are (equivalent|identical|interchangeable))"
            ),
            r"(\beval\(\)|model\.eval)(\(\))?(等价于|等同于|相当于|就是)(with )?`?(torch\.)?no_grad",
            r"(\beval\(\)|model\.eval)(\(\))? is (equivalent to|the same as) (with )?`?(torch\.)?no_grad",
            r"eval(\(\))?……no_grad(\(\))?……(两者|二者)(是|完全)?(等价|等效|一样|相同)",
        ),
        "about": ("model.eval", "eval()", "model.eval()"),
        "unless": r"并不|不同|different|differ",
        "sure": True,
        "fact": "eval_stops_gradients",
        "expectation": "yes",
        "zh": "两者不是一回事：model.eval() 只关掉 dropout 等，停止梯度的是 torch.no_grad()",
        "en": "they differ: model.eval() switches off dropout and the like, torch.no_grad() stops gradients",
    },
    {
        "pattern": (
            (
                r"no_grad(\(\))?`?(之?后|时|的话|下|里)?[，,]?(评估|推理|测试|验证)?(时)?(就)?(不需要|不必|无需|"
                r"不用|可以不|可以省略|可省略)(再|去)?(调用|使用|写|用)? ?`?(model\.)?eval(\(\))?"
            ),
            (
                r"no_grad(\(\))?`?,? (you |there is )?(no need (for|to call|to use)|(do not|don't) need( to call|"
                r" to use)?|can (skip|omit|leave out)) (the )?`?(model\.)?eval"
            ),
        ),
        "about": ("no_grad",),
        "unless": r"没有 ?dropout|不含|without (any )?dropout|no dropout|BatchNorm.{0,8}(没有|无)",
        "sure": True,
        "fact": "train_mode_is_deterministic",
        "expectation": "yes",
        "zh": "不调用 model.eval() 时 dropout 还开着，两次评估的损失不同",
        "en": "without model.eval() dropout stays on, and two evaluations differ",
    },
    {
        "pattern": (
            (
                r"(最后一个|最后的|最终的?|最后一步的?|最后一轮的?)(检查点|checkpoint|权重|模型|epoch)(总是|"
                r"一定是?|必然是?|永远是)(验证集上|评估损失|效果|性能|表现)?(最好|最优|最佳|最低)"
            ),
            r"the (last|final) (checkpoint|weights|epoch|model) (is|are) always the best",
        ),
        "about": (
            "检查点",
            "checkpoint",
            "过拟合",
            "overfitting",
            "评估",
            "evaluation",
            "验证集",
            "early stopping",
            "早停",
        ),
        "sure": True,
        "fact": "last_is_best",
        "expectation": "yes",
        "zh": "过拟合时，最后的权重不是评估损失最低的",
        "en": "where a model overfits, the last weights are not those with the lowest evaluation loss",
    },
)

STEPS = 60
SAVE_FREQ = 8
ON_GPU = ("gpu_grad_peak_ratio", "gpu_grad_time_ratio")
"""The facts that take a GPU to tell."""
DROPOUT = 0.1


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A two-layer Llama with dropout learns twelve random rows for 60 steps; others, held out, evaluate it."""

    first_evaluation_saves: bool = fact(
        zh="best_eval_loss 初值为 float('inf') 时，第一次评估是否必定保存",
        en="whether the first evaluation saves if best_eval_loss starts as float('inf')",
        terms=("best_eval_loss", "float('inf')", "inf", "最佳模型", "best model"),
        question_zh="`best_eval_loss = float('inf')`：第一次评估会保存模型吗？",
        question_en="`best_eval_loss = float('inf')`: does the first evaluation save the model?",
        why_zh="任何有限的损失都小于无穷大",
        why_en="any finite loss is below infinity",
    )
    best_is_minimum: bool = fact(
        zh="“更低才保存”之后，留下的是否是所有评估中损失最低的权重",
        en="whether 'save if lower' leaves the weights with the lowest loss of all evaluations",
        terms=("best_eval_loss", "最佳模型", "best model", "save_freq", "evaluate_model"),
    )
    last_is_best: bool = fact(
        zh="过拟合时，最后一步的权重是否就是评估损失最低的",
        en="whether the last weights are those with the lowest evaluation loss when the model overfits",
        terms=("best_eval_loss", "最佳模型", "best model", "早停", "early stopping"),
        question_zh="模型过拟合时，最后一步的权重就是评估损失最低的吗？",
        question_en="When a model overfits, do the last weights have the lowest evaluation loss?",
    )
    steps_after_last_evaluation: int = fact(
        zh="共 60 步、每 8 步评估一次：最后有几步从未被评估",
        en="steps that no evaluation sees: 60 steps, one evaluation every 8",
        terms=("save_freq", "eval_steps", "global_step"),
        question_zh="共 60 步、`save_freq=8`：最后有几步训练从未被评估？",
        question_en="60 steps with `save_freq=8`: how many steps at the end are never evaluated?",
        why_zh="60 除以 8 余 4：循环结束后没有再评估一次",
        why_en="60 divided by 8 leaves 4: nothing is evaluated once the loop is over",
    )
    eval_is_deterministic: bool = fact(
        zh="model.eval() 之后，同一数据两次评估的损失是否完全相同",
        en="whether two evaluations on the same data are equal after model.eval()",
        terms=("model.eval", "evaluate_model", "评估模式", "evaluation mode"),
        question_zh="调用 `model.eval()` 后，同一数据评估两次，损失完全相同吗？",
        question_en="After `model.eval()`, are two evaluations on the same data exactly equal?",
        why_zh="eval 关掉了 dropout，前向里不再有随机数",
        why_en="eval switches dropout off, and no random number is left in the forward pass",
    )
    train_mode_is_deterministic: bool = fact(
        zh="忘了 model.eval() 时，两次评估的损失是否相同（dropout=0.1）",
        en="whether two evaluations are equal without model.eval() (dropout 0.1)",
        terms=("model.eval", "evaluate_model"),
    )
    eval_stops_gradients: bool = fact(
        zh="model.eval() 是否停止计算梯度",
        en="whether model.eval() stops gradients",
        terms=("model.eval", "no_grad", "torch.no_grad"),
        question_zh="`model.eval()` 会停止计算梯度吗？",
        question_en="Does `model.eval()` stop gradients?",
    )
    no_grad_stops_dropout: bool = fact(
        zh="torch.no_grad() 是否关闭 dropout",
        en="whether torch.no_grad() switches dropout off",
        terms=("no_grad", "torch.no_grad"),
        question_zh="`torch.no_grad()` 会关闭 dropout 吗？",
        question_en="Does `torch.no_grad()` switch dropout off?",
    )
    activations_kept_under_no_grad: int = fact(
        zh="torch.no_grad() 之下，为反向保留的激活数",
        en="values kept for backward under torch.no_grad()",
        terms=("no_grad", "torch.no_grad", "evaluate_model"),
    )
    ragged_mean_bias: float = fact(
        zh="8 行损失为 ln 2、最后一批 2 行为 3·ln 2：各批均值再平均，与按标签平均的相对偏差",
        en="relative bias of a mean of batch means: 8 rows with a loss of ln 2, a last batch of 2 rows with 3·ln 2",
        unit="%",
        terms=(
            "evaluate_model",
            "dev_dataloader",
            "eval_loss",
            "评估损失",
            "evaluation loss",
            "验证损失",
            "validation loss",
        ),
        question_zh="8 行损失各为 1，最后一批 2 行各为 3：对两批均值再取平均，比按行平均偏高百分之几？",
        question_en="Eight rows with a loss of 1, a last batch of two with 3: how far off is the mean of batch means?",
        why_zh="两批的均值权重相同，只有 2 行的那批每行算了四倍",
        why_en="both batches weigh the same: each of the two rows counts four times",
    )
    history_mean_lag: Spread = fact(
        zh="第 60 步时，全部历史损失的平均是最近 8 步平均的几倍",
        en="mean of all losses so far over the mean of the last 8, at step 60",
        unit="×",
        terms=("loss_list", "训练日志", "training log", "avg_loss"),
        varies=True,
        tolerance=0.3,
    )
    gpu_grad_peak_ratio: float | None = fact(
        zh="GPU：Llama-3.2-1B 形状、bf16、8×512 词元的评估：不加 torch.no_grad() 的峰值显存是加了的几倍",
        en="GPU, Llama-3.2-1B's shape, bf16, evaluating 8×512 tokens: peak memory without torch.no_grad() over with it",
        unit="×",
        terms=(
            "no_grad",
            "torch.no_grad",
            "evaluate_model",
        ),
        varies=True,
        tolerance=0.3,
        why_zh="不用 no_grad，每层的中间值都为反向传播留着",
        why_en="without no_grad every layer keeps its values for a backward pass",
    )
    gpu_grad_time_ratio: float | None = fact(
        zh="GPU：同样，不加 torch.no_grad() 的用时是加了的几倍",
        en="GPU, the same: time without torch.no_grad() over with it",
        unit="×",
        terms=(
            "no_grad",
            "torch.no_grad",
        ),
        varies=True,
        tolerance=0.2,
        why_zh="记录计算图也要时间",
        why_en="to record the graph takes time",
    )


@dataclass(frozen=True, slots=True)
class Result(Evaluation):
    """The facts, and the losses that they were read from."""

    losses: tuple[float, ...] = ()
    evaluations: tuple[float, ...] = ()


def run(device: torch.device, seed: int = 0) -> Result:
    """Train with evaluations, then look at what each part of an evaluation does."""
    with reproducible(seed):
        model, rows, dev = beginning(device)
        losses, evaluations, saved, best = train(model, rows, dev)
        batches = dev[:8], dev[8:]
        return Result(
            first_evaluation_saves=saved[0] == 0,
            best_is_minimum=evaluate_model(restored(model, best), batches) == min(evaluations),
            last_is_best=evaluations[-1] == min(evaluations),
            steps_after_last_evaluation=STEPS - SAVE_FREQ * len(evaluations),
            eval_is_deterministic=evaluate_model(model, batches) == evaluate_model(model, batches),
            train_mode_is_deterministic=once(model.train(), dev) == once(model.train(), dev),
            eval_stops_gradients=not model.eval()(input_ids=dev).logits.requires_grad,
            no_grad_stops_dropout=once(model.train(), dev) == once(model.eval(), dev),
            activations_kept_under_no_grad=kept(lambda: once(model.train(), dev)),
            ragged_mean_bias=bias(Unigram(device), (torch.zeros_like(dev[:8]), torch.ones_like(dev[:2]))),
            history_mean_lag=over_seeds(seed, lambda: lag(device)),
            losses=tuple(losses),
            evaluations=tuple(evaluations),
            **only_on_gpu(device, ON_GPU, on_gpu),
        )


def on_gpu(device: torch.device, size: Size) -> Mapping[str, float]:
    """Measure an evaluation with gradients and without."""
    model, ids = nn.Module.eval(llama(device, size.middle)), tokens_of(device, size.of(8), size.of(512))
    with_gradients = cost(device, lambda: loss_on_gpu(model, ids))
    with torch.no_grad():
        without = cost(device, lambda: loss_on_gpu(model, ids))
    return {
        "gpu_grad_peak_ratio": with_gradients.peak / max(without.peak, 1e-9),
        "gpu_grad_time_ratio": with_gradients.milliseconds / without.milliseconds,
    }


def beginning(device: torch.device) -> tuple[nn.Module, Tensor, Tensor]:
    """Return a fresh model, twelve rows to learn and ten to evaluate on, (rows, tokens) of eight token ids."""
    model: nn.Module = tiny_llama(device, attention_dropout=DROPOUT)
    rows = torch.randint(8, (24, 24)).to(device)
    return model, rows[:12], rows[12:22]


def lag(device: torch.device) -> float:
    """Train and return the mean of all losses over the mean of the last eight."""
    losses, *_ = train(*beginning(device))
    return mean(losses) / mean(losses[-SAVE_FREQ:])


class Unigram(nn.Module):
    """A language model without a context: token 0 has the probability 1/2, each of four others 1/8.

    A label of token 0 costs ln 2, one of the others 3·ln 2, exactly.
    """

    def __init__(self, device: torch.device) -> None:
        super().__init__()
        self.logits = nn.Parameter(torch.tensor([0.5, 0.125, 0.125, 0.125, 0.125], device=device).log())

    def forward(self, input_ids: Tensor, labels: Tensor) -> CausalLMOutput:
        """Return the mean loss over all labels but the first of each row."""
        wanted = labels[:, 1:].flatten()
        loss = nn.functional.cross_entropy(self.logits.expand(len(wanted), -1), wanted)
        return CausalLMOutput(loss=loss, logits=self.logits.expand(*input_ids.shape, -1))


def train(
    model: nn.Module, rows: Tensor, dev: Tensor
) -> tuple[list[float], list[float], list[int], Mapping[str, Tensor]]:
    """Train as above; return the losses, the evaluations' losses, which evaluations saved, and the saved weights."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    losses: list[float] = []
    evaluations: list[float] = []
    saved: list[int] = []
    best: Mapping[str, Tensor] = {}
    best_eval_loss = float("inf")
    for global_step in range(1, STEPS + 1):
        loss = loss_of(model.train(), rows)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if global_step % SAVE_FREQ == 0:
            eval_loss = evaluate_model(model, (dev[:8], dev[8:]))
            if eval_loss < best_eval_loss:
                best_eval_loss = eval_loss
                saved.append(len(evaluations))
                best = copy.deepcopy(model.state_dict())
            evaluations.append(eval_loss)
    return losses, evaluations, saved, best


def restored(model: nn.Module, weights: Mapping[str, Tensor]) -> nn.Module:
    """Return a copy of the model with the weights that were saved."""
    model = copy.deepcopy(model)
    model.load_state_dict(weights)
    return model


def loss_of(model: nn.Module, rows: Tensor) -> Any:  # noqa: ANN401  (a Tensor whose methods torch does not annotate)
    """Return the mean loss over the labels of some rows."""
    return model(input_ids=rows, labels=rows).loss


@torch.no_grad()
def once(model: nn.Module, rows: Tensor) -> float:
    """Return the loss of some rows in the mode that the model is in."""
    return float(loss_of(model, rows))


def evaluate_model(model: nn.Module, batches: Iterable[Tensor]) -> float:
    """Return the mean loss over all labels: each batch's mean counts once for each of its equally long rows."""
    model.eval()
    sums = [(once(model, batch) * len(batch), len(batch)) for batch in batches]
    return sum(total for total, _ in sums) / sum(count for _, count in sums)


def bias(model: nn.Module, batches: Sequence[Tensor]) -> float:
    """Return how far, in per cent, the mean of the batches' means is from the mean over all labels."""
    right = evaluate_model(model, batches)
    return 100 * abs(mean([once(model, batch) for batch in batches]) - right) / right


def kept(forward: Callable[[], object]) -> int:
    """Return how many values a forward pass saves for backward."""
    saved: list[int] = []

    def pack(tensor: Tensor) -> Tensor:
        saved.append(tensor.numel())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        forward()
    return sum(saved)


def mean(values: list[float]) -> float:
    """Return the arithmetic mean."""
    return sum(values) / len(values)


def draw(result: Result) -> Mapping[str, Figure]:
    """Draw the loss of each step, its mean since the beginning, which lags, and the evaluations."""
    steps = range(1, STEPS + 1)
    history = [mean(list(result.losses[:step])) for step in steps]
    none = float("nan")  # before the first evaluation
    evaluations = [result.evaluations[step // SAVE_FREQ - 1] if step >= SAVE_FREQ else none for step in steps]
    lines = {"loss": result.losses, "mean of all so far": history, "last evaluation": evaluations}
    return {"losses": curves(lines, x="step", y="loss", xs=list(steps))}


if __name__ == "__main__":
    publish(run, draw)
