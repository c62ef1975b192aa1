"""Preference: a model learns which of two answers people like better.

- A reward model gives each answer a number. Bradley and Terry (1952) say how likely the chosen one wins: σ(r_c − r_r).
  The loss −log σ(r_c − r_r) sees the difference only, so rewards have no zero of their own.
- RLHF (Ouyang et al. 2022, arXiv:2203.02155) raises the reward by PPO (Schulman et al. 2017, arXiv:1707.06347), less β
  times the KL divergence from the model at the start. PPO's objective is min(ratio·A, clip(ratio, 1 ± ε)·A): once an
  action with A > 0 is 1 + ε times as likely as before, its gradient is 0; for A < 0 it is so below 1 − ε.
- GRPO (Shao et al. 2024, arXiv:2402.03300) needs no value model: the advantage of an answer is its reward less the mean
  of its group, over the group's deviation. Where all are rewarded alike there is nothing to learn.
- DPO (Rafailov et al. 2023, arXiv:2305.18290) needs no reward model: the loss is −log σ(β·(Δ_c − Δ_r)), where Δ is by
  how much the log-probability of an answer has risen over the reference model. At the start both are 0 and the loss is
  ln 2. It widens the margin, and may do so while the chosen answer becomes less likely, too (Razin et al. 2024,
  arXiv:2410.08847).
"""
# ruff: noqa: RUF009  (`fact` makes a field of a dataclass, whatever its type)

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from matplotlib.figure import Figure
from torch.nn import functional
from transformers import LlamaForCausalLM

from ankillm.evidence import Spread, fact, publish
from reference_trainer.support.models import tiny_llama
from reference_trainer.support.pictures import curves
from reference_trainer.support.reproducible import reproducible
from reference_trainer.support.seeds import SEEDS

TERMS = (
    "RLHF 训练",
    "RLHF 流程",
    "人类反馈",
    "human feedback",
    "偏好数据",
    "preference data",
    "preference pairs",
    "偏好对齐",
    "preference optimization",
)
MISREADINGS = (
    {
        "pattern": (
            r"DPO[^。.，,不无非没未]{0,12}(需要|依赖)先?(训练)?(一个)?(单独的|显式的?)?(奖励|reward)\s?(模型|model)",
            r"DPO (needs|requires|trains) an? (explicit |separate )?reward model",
            r"\bDPO (first |also |then ){0,2}(trains|fits|learns) (a |an )(separate |explicit )?reward model",
            (
                r"(?<![A-Za-z])DPO(也|算法|方法)?(首先|先)(要|需要)?(训练|拟合|学习)(出)?(一个)?(单独的|"
                r"显式的?)?奖励模型"
            ),
            r"\bDPO (requires|needs) a (separately |pre-?)?trained reward model",
            (
                r"(?<![A-Za-z])DPO(的)?(训练|算法|方法)?(过程|阶段)?(中|时|里)?(仍然?|还|也|同样)?(需要|必须|依赖|"
                r"要先|需先|先要|需)(先|用|使用|训练|拟合|借助|依靠|一个|额外的?|单独的?|显式的?|由|通过|"
                r"预先){0,4}奖励模型"
            ),
            (
                r"\bDPO (still |also |first ){0,2}(needs|requires|trains|fits|uses|relies on|depends on) (an? |"
                r"the )?((explicit|separate|separately trained|learned|trained) ){0,2}reward model"
            ),
            r"(?<![A-Za-z])DPO(的)?(第一步|首先|流程|训练)(是|要|需|需要){0,2}(先)?(训练|拟合)(出)?一?个?奖励模型",
            (
                r"(to (run|use|do|apply|train with)|for|before|with) DPO,? (you|we|one) (first )?(have to|must|"
                r"need to|should) (first )?(train|fit|learn) a reward model"
            ),
            r"\bDPO (requires|needs) (training|fitting|learning) (a |an )?(separate )?reward model",
            (
                r"(?<![A-Za-z])DPO(仍然?|还|也|同样)?(需要|必须|依赖|离不开)(一个)?(单独|额外|独立|"
                r"事先)(地)?(训练)?(好)?的?(一个)?奖励模型"
            ),
        ),
        "about": ("DPO",),
        "unless": r"隐式|implicit|secretly|不用|无需|不需要|without|RLHF.{0,10}(先|first)",
        "sure": True,
        "fact": "dpo_learns_without_rewards",
        "expectation": "no",
        "zh": "DPO 只要策略和参考模型，不用奖励模型",
        "en": "DPO has the policy and a reference model, and no reward model",
    },
    {
        "pattern": (
            (
                r"DPO[^。.]{0,16}(初始|刚开始|第一步|开始时)[^。.，,]{0,6}(损失|loss)[^。.，,]{0,6}(是|为|"
                r"等于)\s?0(?!\.?\d)"
            ),
            r"DPO[^.]{0,12}loss (starts at|is initially) (0|zero)(?!\.?\d)",
        ),
        "about": ("DPO",),
        "sure": True,
        "fact": "dpo_start_loss",
        "expectation": "= 0",
        "zh": "两个模型相同时，DPO 的损失是 ln 2 ≈ 0.693",
        "en": "with both models alike, the loss of DPO is ln 2, about 0.693",
    },
)

BETA, CLIP, STEPS, LENGTH = 0.1, 0.2, 30, 12


@dataclass(frozen=True, slots=True)
class Preference:
    """Losses of preference at chosen points, and a tiny Llama that learns one pair by DPO."""

    dpo_start_loss: float = fact(
        zh="训练开始时（策略与参考模型相同）DPO 的损失",
        en="loss of DPO at the start, when policy and reference are the same",
        terms=("DPO 损失", "DPO loss", "直接偏好优化", "Direct Preference Optimization", "DPO 训练", "DPOTrainer"),
        varies=True,
        tolerance=1e-5,
    )
    dpo_learns_without_rewards: bool = fact(
        zh="DPO 的损失里没有任何奖励，训练 30 步后被选回答的优势仍扩大",
        en="DPO's loss is given no rewards, and 30 steps of it widen the chosen answer's margin",
        terms=("直接偏好优化", "Direct Preference Optimization", "DPO 训练"),
    )
    dpo_start_weight: float = fact(
        zh="β=0.1，训练开始时 DPO 的损失对 Δ_c 的梯度（绝对值）",
        en="gradient of DPO's loss by Δ_c at the start, with β = 0.1, without its sign",
        terms=("DPO 的 β", "beta of DPO", "DPO 的梯度"),
        why_zh="梯度是 β·σ(−差)，开始时差为 0：0.1·0.5",
        why_en="the gradient is β·σ(−margin), and the margin starts at 0: 0.1·0.5",
    )
    dpo_margin: Spread = fact(
        zh="DPO 训练 30 步后，隐式奖励之差 β·(Δ_c − Δ_r)",
        en="margin of the implicit rewards, β·(Δ_c − Δ_r), after 30 steps of DPO",
        terms=("DPO 损失", "DPO loss", "隐式奖励", "implicit reward", "直接偏好优化", "Direct Preference Optimization"),
        varies=True,
        tolerance=1.0,
        why_zh="损失只在被选回答的优势变大时下降",
        why_en="the loss falls only as the chosen answer gains on the rejected one",
    )
    dpo_chosen_change: Spread = fact(
        zh="两个回答只差一个词元：DPO 训练 30 步后，被选回答的对数概率的变化",
        en="answers that differ in one token: change of the chosen one's log-probability after 30 steps of DPO",
        terms=("chosen 的概率", "likelihood displacement", "被选回答的概率", "likelihood of the chosen"),
        varies=True,
        tolerance=3.0,
        why_zh="损失只看两个回答之差，被选回答的概率可升可降",
        why_en="the loss looks at the difference alone: the chosen answer's probability may rise or fall",
    )
    reward_start_loss: float = fact(
        zh="两个回答得分相同时奖励模型的损失",
        en="loss of a reward model that gives both answers the same",
        terms=("奖励模型", "reward model", "Bradley-Terry", "RewardTrainer"),
        question_zh="奖励模型给两个回答同样的分数，成对损失是多少？",
        question_en="A reward model gives both answers the same: what is the pairwise loss?",
        why_zh="分差为 0 时胜出的概率是一半：−ln 0.5",
        why_en="with no difference the chance to win is one half: −ln 0.5",
    )
    reward_shift_change: float = fact(
        zh="给所有奖励加上同一个数，奖励模型损失的变化",
        en="change of the reward model's loss when a constant is added to every reward",
        terms=("奖励模型", "reward model", "Bradley-Terry"),
    )
    reward_win_probability: float = fact(
        zh="奖励相差 2 时，Bradley-Terry 认为被选回答胜出的概率",
        en="probability that the chosen answer wins at a difference of 2, by Bradley and Terry",
        unit="%",
        terms=("Bradley-Terry", "成对比较", "pairwise comparison"),
        why_zh="胜出的概率是分差的 sigmoid：σ(2)",
        why_en="the chance to win is the sigmoid of the difference: σ(2)",
    )
    ppo_clipped_gradient: float = fact(
        zh="优势为正、概率比已达 1.5（ε=0.2）时，PPO 目标对概率比的梯度",
        en="gradient of PPO's objective by the ratio at 1.5, for a positive advantage and ε = 0.2",
        terms=(
            "PPO 裁剪",
            "clipped objective",
            "近端策略优化",
            "Proximal Policy Optimization",
            "PPO",
            "clip_range",
            "cliprange",
        ),
        question_zh="PPO（ε=0.2）：优势为正、概率比已是 1.5，目标对概率比的梯度是多少？",
        question_en="PPO with ε = 0.2, a positive advantage, a ratio of 1.5: what is the gradient by the ratio?",
        why_zh="概率比超过 1+ε，目标取截断后的常数",
        why_en="the ratio is above 1 + ε, where the objective is a constant",
    )
    ppo_negative_gradient: float = fact(
        zh="优势为 −1、概率比 1.5（ε=0.2）时，PPO 目标对概率比的梯度",
        en="gradient of PPO's objective by the ratio at 1.5, for an advantage of −1 and ε = 0.2",
        terms=("PPO 裁剪", "clipped objective", "近端策略优化", "Proximal Policy Optimization"),
        why_zh="目标取两者中较小的：优势为负时是未截断的那个",
        why_en="the smaller of both counts: with a negative advantage, that without clipping",
    )
    kl_at_start: float = fact(
        zh="训练开始时策略与参考模型的 KL 散度",
        en="KL divergence of the policy from its reference at the start",
        terms=("KL 惩罚", "KL penalty", "KL 约束", "kl_coef", "KL 散度", "KL divergence"),
        why_zh="策略就是参考模型的复制，两个分布相同",
        why_en="the policy is a copy of the reference: both distributions are the same",
    )
    group_mean: float = fact(
        zh="GRPO：奖励为 1、0、0、1 的一组，优势的平均值",
        en="GRPO: mean of the advantages of a group with rewards of 1, 0, 0 and 1",
        terms=("GRPO", "组内优势", "group relative", "group-relative"),
    )
    group_best: float = fact(
        zh="GRPO：奖励为 1、0、0、1 的一组，得 1 的回答的优势",
        en="GRPO: advantage of a rewarded answer in a group with rewards of 1, 0, 0 and 1",
        terms=("GRPO", "组内优势", "group relative", "group-relative"),
        question_zh="GRPO：一组四个回答的奖励是 1、0、0、1，得 1 的回答优势是多少？",
        question_en="GRPO: four answers are rewarded 1, 0, 0 and 1. What is the advantage of a rewarded one?",
        why_zh="优势是（奖励 − 组均值）÷ 组标准差：(1 − 0.5)/0.5",
        why_en="the advantage is the reward less the group's mean, over its deviation: (1 − 0.5) / 0.5",
    )
    equal_group: float = fact(
        zh="GRPO：全组奖励相同时最大的优势",
        en="GRPO: largest advantage in a group that is rewarded alike",
        terms=("GRPO", "组内优势", "group relative", "group-relative"),
        question_zh="GRPO：全组回答的奖励都相同，优势是多少？",
        question_en="GRPO: all answers of a group are rewarded alike. What is their advantage?",
    )
    paths: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Change of the log-probabilities over the steps of DPO, with the default seed: for the picture."""


def run(device: torch.device, seed: int = 0) -> Preference:
    """Measure the losses, and learn a pair by DPO over several seeds."""
    with reproducible(seed):
        runs = [learned(device, seed + number) for number in range(SEEDS)]
        chosen, rejected = runs[0]
        zero, two = torch.zeros(()), torch.tensor(2.0)
        margins = [BETA * (mine[-1] - other[-1]) for mine, other in runs]
        group = advantages(torch.tensor([1.0, 0.0, 0.0, 1.0]))
        policy = tiny_llama(device)
        answers = torch.randint(256, (2, LENGTH)).to(device)  # (chosen and rejected, tokens)
        start = changes(policy, copy.deepcopy(policy), answers)
        return Preference(
            dpo_start_loss=dpo_loss(start).item(),
            dpo_learns_without_rewards=min(margins) > 0,
            dpo_start_weight=start_weight(),
            dpo_margin=Spread.of(margins),
            dpo_chosen_change=Spread.of([mine[-1] for mine, _ in runs]),
            reward_start_loss=pair_loss(zero, zero).item(),
            reward_shift_change=abs(pair_loss(two, zero) - pair_loss(two + 8, zero + 8)).item(),
            reward_win_probability=100 * torch.sigmoid(two).item(),
            ppo_clipped_gradient=ppo_gradient(1.5, 1.0),
            ppo_negative_gradient=ppo_gradient(1.5, -1.0),
            kl_at_start=kl(policy, copy.deepcopy(policy), answers),
            group_mean=group.mean().item(),
            group_best=group.max().item(),
            equal_group=advantages(torch.ones(4)).abs().max().item(),
            paths={"chosen": chosen, "rejected": rejected},
        )


def pair_loss(chosen: torch.Tensor, rejected: torch.Tensor) -> torch.Tensor:
    """Return the loss of a reward model on the rewards of two answers."""
    return -functional.logsigmoid(chosen - rejected)


def log_probabilities(model: LlamaForCausalLM, answers: torch.Tensor) -> torch.Tensor:
    """Return the log-probability of each answer (answers, tokens) after its first token, (answers)."""
    said = model(input_ids=answers[:, :-1]).logits.log_softmax(-1)
    taken: torch.Tensor = said.gather(-1, answers[:, 1:, None])[..., 0].sum(-1)
    return taken


def changes(policy: LlamaForCausalLM, reference: LlamaForCausalLM, answers: torch.Tensor) -> torch.Tensor:
    """Return by how much the log-probabilities have risen over the reference's, (chosen and rejected)."""
    with torch.no_grad():
        before = log_probabilities(reference, answers)
    return log_probabilities(policy, answers) - before


def dpo_loss(risen: torch.Tensor) -> torch.Tensor:
    """Return DPO's loss of the rises of the chosen and the rejected answer: policy and reference are all it takes."""
    return pair_loss(BETA * risen[0], BETA * risen[1])


def start_weight() -> float:
    """Return the magnitude of the gradient of DPO's loss by the chosen answer's rise, at 0."""
    risen = torch.zeros(2, requires_grad=True)
    (slope,) = torch.autograd.grad(dpo_loss(risen), risen)
    return slope[0].abs().item()


def learned(device: torch.device, seed: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Learn a pair of answers that differ in their last token; return the rises of both, step by step."""
    torch.manual_seed(seed)
    policy = tiny_llama(device)
    reference = copy.deepcopy(policy)
    answer = torch.randint(256, (LENGTH,))
    other = torch.cat([answer[:-1], (answer[-1:] + 1) % 256])
    answers = torch.stack([answer, other]).to(device)
    optimizer = torch.optim.AdamW(policy.parameters(), lr=1e-3)
    rises = []
    for _ in range(STEPS):
        dpo_loss(changes(policy, reference, answers)).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad()
        with torch.no_grad():
            rises.append(changes(policy, reference, answers).tolist())
    chosen, rejected = zip(*rises, strict=True)
    return (0.0, *chosen), (0.0, *rejected)


@torch.no_grad()
def kl(policy: LlamaForCausalLM, reference: LlamaForCausalLM, answers: torch.Tensor) -> float:
    """Return the mean KL divergence of the next token's probabilities from the reference's."""
    mine, theirs = (model(input_ids=answers).logits.log_softmax(-1).flatten(0, 1) for model in (policy, reference))
    return abs(functional.kl_div(theirs, mine, reduction="batchmean", log_target=True).item())


def ppo_gradient(ratio: float, advantage: float) -> float:
    """Return the gradient of PPO's clipped objective by the ratio of new to old probability."""
    at = torch.tensor(ratio, requires_grad=True)
    objective = torch.minimum(at * advantage, at.clamp(1 - CLIP, 1 + CLIP) * advantage)
    (slope,) = torch.autograd.grad(objective, at)
    return slope.item()


def advantages(rewards: torch.Tensor) -> torch.Tensor:
    """Return GRPO's advantages of a group: rewards less their mean, over their deviation."""
    return (rewards - rewards.mean()) / (rewards.std(correction=0) + 1e-8)


def draw(result: Preference) -> Mapping[str, Figure]:
    """Draw how both answers move."""
    return {"paths": curves(result.paths, x="step of DPO", y="change of the log-probability")}


if __name__ == "__main__":
    publish(run, draw)
