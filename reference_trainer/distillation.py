"""Distillation: a small model learns from the probabilities of a large one, and not from the right answer alone.

The teacher's probabilities say which wrong answers are nearly right (Hinton et al. 2015, arXiv:1503.02531). Both
models' logits are divided by a temperature T before the softmax:

    p_i = exp(z_i / T) / Σ exp(z_j / T)

- T = 1 is the softmax itself; a higher T makes the probabilities more alike, so that small ones are heard.
- The gradient of the soft loss falls as 1/T², so the loss is multiplied by T² where it stands beside that of hard
  labels.
- For a high T the gradient is that of matching the logits themselves, up to a constant.
- The loss is a KL divergence: 0 where both agree. It differs from the cross entropy by the teacher's entropy, which
  does not depend on the student.

DistilBERT (Sanh et al. 2019, arXiv:1910.01108) keeps every other of BERT's 12 layers: 40 % fewer parameters, not half,
as the embedding stays.
"""
# ruff: noqa: RUF009  (`fact` makes a field of a dataclass, whatever its type)

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from matplotlib.figure import Figure
from torch.nn import functional
from transformers import AutoConfig, BertModel, DistilBertModel, PreTrainedModel

from ankillm.evidence import Spread, fact, publish
from reference_trainer.support.pictures import curves
from reference_trainer.support.reproducible import reproducible
from reference_trainer.support.seeds import SEEDS

TERMS = (
    "知识蒸馏",
    "模型蒸馏",
    "教师模型",
    "学生模型",
    "knowledge distillation",
    "distillation",
    "teacher model",
    "student model",
)
MISREADINGS = (
    {
        "pattern": (
            r"DistilBERT[^。.]{0,30}((参数量?|大小)[^。.，,]{0,4}(减少|缩小|压缩)了?(一半|50\s?%|60\s?%)|(50|"
            r"60)\s?% (smaller|fewer parameters)|half the (parameters|size))"
        ),
        "fact": "distilbert_saving",
        "expectation": ">= 50%",
        "zh": "DistilBERT 层数减半，参数只少约 40%，因为嵌入表没有变小",
        "en": "DistilBERT has half the layers but 40% fewer parameters: its embedding is as large",
    },
    {
        "pattern": (
            r"(蒸馏)?温度\s?T?\s?(越高|升高|增大|调高)[^。.]{0,16}(越尖锐|更尖锐|越集中|更集中|越陡)",
            r"(higher|raising the|increasing the) temperature[^.]{0,30}(sharper|sharpens|more peaked|less random)",
            r"(提高|升高|增大|调高|提升|增加)(蒸馏)?(温度|T)……(更|越|变得?)(加)?(尖锐|陡峭|集中|锐利)",
            (
                r"(温度|T)(系数|参数)?(越高|越大|升高|增大|调高)[，,]?(?:(?!越低|越小|低温|随机|平|lower|random|"
                r"smaller)[^，,。；;\n不非没未]){0,20}(越|更|变得?)(加)?(尖锐|陡峭|集中|锐利)"
            ),
            (
                r"(higher|larger|raising|increasing|bigger)( the)? (T|temperatures?|τ)\b……(sharpens?|sharper|"
                r"more peaked|peakier|more confident|harder)"
            ),
        ),
        "about": ("蒸馏", "distillation", "distilling", "teacher", "教师"),
        "sure": True,
        "fact": "entropy_gain",
        "expectation": "< 1×",
        "zh": "温度越高，分布越平缓，熵越大",
        "en": "a higher temperature makes the distribution flatter, and its entropy larger",
    },
    {
        "pattern": (
            r"DistilBERT(的)?(参数量?|参数数量)(减少|缩小|压缩)了?(一半|50\s?%|60\s?%)",
            (
                r"DistilBERT(的)?(参数量?|参数数量)(是|为|只有|仅为|仅有|约为|只是)(原始|原|教师|"
                r"的)? ?BERT(-base)?(模型)?(的)?(参数量的?)?(一半|50 ?%|二分之一|1/2)"
            ),
            r"DistilBERT has (half (as many|the|of the) (number of )?parameters|(50|60) ?% fewer parameters)",
            r"DistilBERT比BERT(-base)?(少了?|减少了?) ?(50|60) ?% ?的?参数",
        ),
        "about": ("DistilBERT",),
        "sure": True,
        "fact": "distilbert_saving",
        "expectation": ">= 50%",
        "zh": "DistilBERT 层数减半，参数只少约 40%，因为嵌入表没有变小",
        "en": "DistilBERT has half the layers but 40% fewer parameters: its embedding is as large",
    },
    {
        "pattern": (
            (
                r"硬标签(比|相比|较)(于)?软标签[^，,。；;\n不非没未]{0,4}(包含|携带|提供|含有)(了)?(更多|"
                r"更丰富)(的)?(信息|知识)"
            ),
            r"hard labels (carry|contain|hold|have|provide) more information than soft",
        ),
        "about": ("硬标签", "hard label", "hard labels"),
        "sure": True,
        "fact": "hard_entropy",
        "expectation": "> 0.48",
        "zh": "硬标签的熵为 0，软标签还说出各类有多像",
        "en": "a hard label has an entropy of 0; a soft one says how alike the classes are",
    },
    {
        "pattern": r"温度\s?T?\s?(越高|越大)[，,]?(软标签|损失|蒸馏|的|loss|产生){0,5}(梯度)(就|也)?(越大|越强)",
        "about": ("蒸馏", "distillation", "软标签"),
        "unless": r"乘以|T²|T\^2|T2",
        "sure": True,
        "fact": "gradient_ratio",
        "expectation": "< 1×",
        "zh": "温度越高，软标签损失的梯度越小（约 1/T²），所以要乘以 T²",
        "en": "a higher temperature makes the soft loss's gradient smaller, about 1/T²: hence the factor T²",
    },
)

TEACHER = (5.0, 3.0, 1.0, 0.0, -2.0)
STUDENT = (1.0, 2.0, 0.0, -1.0, 0.5)
TEMPERATURES = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
CLASSES, INPUTS, EXAMPLES, STEPS = 10, 8, 60, 200


@dataclass(frozen=True, slots=True)
class Distillation:
    """What the temperature does to fixed logits, and soft against hard labels on a task whose truth is known."""

    entropy_gain: float = fact(
        zh="温度从 1 升到 4，同一组 logits 的熵变为几倍",
        en="entropy of the same logits at temperature 4 over that at 1",
        unit="×",
        terms=("蒸馏温度", "温度 T", "distillation temperature", "softmax temperature", "temperature of the softmax"),
        question_zh="蒸馏时温度从 1 升到 4，logits (5, 3, 1, 0, −2) 的熵变为几倍？",
        question_en="Logits (5, 3, 1, 0, −2): the entropy at temperature 4 is how many times that at 1?",
    )
    temperature_one_difference: float = fact(
        zh="温度为 1 时与普通 softmax 的最大差",
        en="largest difference between temperature 1 and the plain softmax",
        terms=("蒸馏温度", "温度 T", "distillation temperature"),
    )
    gradient_ratio: float = fact(
        zh="软标签损失的梯度：温度 16 时是温度 32 时的几倍",
        en="gradient of the soft loss at temperature 16 over that at 32",
        unit="×",
        terms=("软标签损失", "soft loss", "T²", "乘以 T", "蒸馏损失", "distillation loss"),
        question_zh="温度从 16 升到 32，软标签损失的梯度缩小为几分之一（几倍）？",
        question_en="From temperature 16 to 32, how many times smaller does the gradient of the soft loss become?",
    )
    scaled_gradient_ratio: float = fact(
        zh="乘以 T² 之后，梯度在温度 16 与 32 时之比",
        en="gradient times T² at temperature 16 over that at 32",
        unit="×",
        terms=("T²", "乘以 T", "蒸馏损失", "distillation loss"),
        why_zh="梯度约按 1/T² 缩小，乘以 T² 正好抵消",
        why_en="the gradient shrinks by about 1/T², which the factor T² undoes",
    )
    logit_matching: float = fact(
        zh="温度 32 时，梯度与“匹配 logits”的梯度的夹角余弦",
        en="cosine between the gradient at temperature 32 and that of matching the logits",
        terms=("匹配 logits", "matching logits", "logits 蒸馏"),
        why_zh="温度很高时，软损失的梯度趋于学生与教师 logits 之差（Hinton 等 2015）",
        why_en="at a high temperature the soft loss's gradient tends to the difference of the logits (Hinton et "
        "al. 2015)",
    )
    loss_of_equals: float = fact(
        zh="学生与教师的 logits 相同时的 KL 散度",
        en="KL divergence of a student with its teacher's logits",
        terms=("KLDivLoss", "kl_div", "蒸馏损失", "distillation loss"),
        varies=True,
        tolerance=1e-6,
        why_zh="两个分布相同，对数之比处处为 0",
        why_en="both distributions are the same: the logarithm of their ratio is 0 everywhere",
    )
    hard_entropy: float = fact(
        zh="硬标签（one-hot）的熵",
        en="entropy of a hard label, one-hot",
        terms=("硬标签", "hard label", "hard target"),
    )
    soft_entropy: float = fact(
        zh="教师软标签（温度 1，logits 如上）的熵",
        en="entropy of the teacher's soft label at temperature 1",
        terms=("软标签", "soft label", "soft target"),
        why_zh="软标签把一部分概率分给别的类，那就是它多说的东西",
        why_en="a soft label gives some probability to other classes: that is what it says beside the right one",
    )
    soft_agreement: Spread = fact(
        zh="60 个样本：用软标签训练的学生，在新样本上与教师意见一致的比例",
        en="60 examples: share of new ones on which a student of soft labels agrees with its teacher",
        unit="%",
        terms=("软标签", "soft label", "soft target", "暗知识", "dark knowledge"),
        varies=True,
        tolerance=1.0,
        why_zh="每个样本教给学生一整个分布，而不只是一个类",
        why_en="each example teaches the student a whole distribution, not one class alone",
    )
    hard_agreement: Spread = fact(
        zh="60 个样本：用硬标签训练的学生，在新样本上与教师意见一致的比例",
        en="60 examples: share of new ones on which a student of hard labels agrees with its teacher",
        unit="%",
        terms=("硬标签", "hard label", "hard target", "软标签", "soft label", "soft target"),
        varies=True,
        tolerance=5.0,
    )
    distilbert_parameters: int = fact(
        zh="DistilBERT-base（6 层）的参数量",
        en="parameters of DistilBERT-base (6 layers)",
        terms=("DistilBERT", "distilbert-base-uncased"),
        question_zh="DistilBERT 保留 BERT-base 的一半层（6 层），还有多少参数？",
        question_en="DistilBERT keeps half of BERT-base's layers: how many parameters does it have?",
        why_zh="12 层去掉 6 层，嵌入表不变",
        why_en="six of twelve layers are left out, the table of embeddings is as large",
    )
    distilbert_saving: float = fact(
        zh="DistilBERT 比 BERT-base 少的参数占比",
        en="share of BERT-base's parameters that DistilBERT does without",
        unit="%",
        terms=("DistilBERT", "distilbert-base-uncased"),
    )
    softened: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Probability of each of the teacher's answers over `TEMPERATURES`: for the picture."""


def run(device: torch.device, seed: int = 0) -> Distillation:
    """Measure the soft loss on fixed logits, and train students."""
    with reproducible(seed):
        exact = torch.float64 if device.type != "mps" else torch.float32
        teacher, student = (torch.tensor(logits, dtype=exact, device=device) for logits in (TEACHER, STUDENT))
        warm, hot = (gradient(student, teacher, temperature) for temperature in (16, 32))
        matching = centred(student) - centred(teacher)
        full, small = shape("bert", BertModel), shape("distilbert", DistilBertModel)
        agreements = [agreement(device, seed + number) for number in range(SEEDS)]
        probabilities = torch.stack([softened(teacher, temperature) for temperature in TEMPERATURES], dim=-1)
        return Distillation(
            entropy_gain=entropy(softened(teacher, 4)) / entropy(softened(teacher, 1)),
            temperature_one_difference=(softened(teacher, 1) - teacher.softmax(-1)).abs().max().item(),
            gradient_ratio=(warm.norm() / hot.norm()).item(),
            scaled_gradient_ratio=((16**2 * warm).norm() / (32**2 * hot).norm()).item(),
            logit_matching=functional.cosine_similarity(hot, matching, dim=0).item(),
            loss_of_equals=abs(soft_loss(teacher, teacher, 4).item()),
            hard_entropy=entropy(functional.one_hot(torch.tensor(0), len(TEACHER)).double()),
            soft_entropy=entropy(softened(teacher, 1)),
            soft_agreement=Spread.of([soft for soft, _ in agreements]),
            hard_agreement=Spread.of([hard for _, hard in agreements]),
            distilbert_parameters=small,
            distilbert_saving=100 * (1 - small / full),
            softened={f"logit {z:g}": tuple(row.tolist()) for z, row in zip(TEACHER, probabilities, strict=True)},
        )


def softened(logits: torch.Tensor, temperature: float) -> torch.Tensor:
    """Return probabilities at a temperature, over the last dimension."""
    return (logits / temperature).softmax(-1)


def entropy(probabilities: torch.Tensor) -> float:
    """Return the entropy in natural units."""
    return float(torch.special.entr(probabilities).sum())


def centred(logits: torch.Tensor) -> torch.Tensor:
    """Return logits less their mean, which no probability hangs on."""
    return logits - logits.mean()


def soft_loss(student: torch.Tensor, teacher: torch.Tensor, temperature: float) -> torch.Tensor:
    """Return the KL divergence of the teacher's probabilities from the student's, both at a temperature."""
    log_student = (student / temperature).log_softmax(-1)
    return functional.kl_div(log_student, softened(teacher, temperature), reduction="sum")


def gradient(student: torch.Tensor, teacher: torch.Tensor, temperature: float) -> torch.Tensor:
    """Return the gradient of the soft loss by the student's logits."""
    logits = student.clone().requires_grad_()
    (slope,) = torch.autograd.grad(soft_loss(logits, teacher, temperature), logits)
    return slope


def agreement(device: torch.device, seed: int) -> tuple[float, float]:
    """Train two students on the same few inputs, of soft and of hard labels; return how often each agrees, in percent.

    The teacher is a linear map of the input to probabilities. A soft label is all of them, a hard one is drawn from
    them, as the answers in a data set are.
    """
    chance = torch.Generator().manual_seed(seed)
    teacher = torch.randn(INPUTS, CLASSES, generator=chance).to(device)
    inputs = torch.randn(EXAMPLES, INPUTS, generator=chance).to(device)
    tests = torch.randn(2000, INPUTS, generator=chance).to(device)
    soft = (inputs @ teacher).softmax(-1)  # (examples, classes)
    drawn = torch.multinomial(soft.cpu(), 1, generator=chance)[:, 0].to(device)
    hard = functional.one_hot(drawn, CLASSES).to(soft)
    wanted = (tests @ teacher).argmax(-1)
    answers = [(tests @ student_of(inputs, targets)).argmax(-1) for targets in (soft, hard)]
    agreed = [100 * (answer == wanted).double().mean().item() for answer in answers]
    return agreed[0], agreed[1]


def student_of(inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Train a linear map of inputs (examples, inputs) to targets (examples, classes) by cross entropy."""
    weight = torch.zeros(INPUTS, CLASSES, device=inputs.device, requires_grad=True)
    optimizer = torch.optim.Adam([weight], lr=0.05)
    for _ in range(STEPS):
        loss = functional.cross_entropy(inputs @ weight, targets)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return weight.detach()


def shape(family: str, kind: type[PreTrainedModel]) -> int:
    """Count the parameters of a family's base model, on the meta device."""
    config: Any = AutoConfig.for_model(family)
    with torch.device("meta"):
        return sum(weight.numel() for weight in kind(config).parameters())


def draw(result: Distillation) -> Mapping[str, Figure]:
    """Draw the teacher's probabilities over the temperature."""
    return {"temperature": curves(result.softened, xs=TEMPERATURES, x="temperature", y="probability")}


if __name__ == "__main__":
    publish(run, draw)
