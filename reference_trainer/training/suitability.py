"""Whether a model can be trained on the data, found out before anything is: by what it does with a few tokens."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from transformers import PreTrainedModel

from ankillm.evidence import Refusal
from reference_trainer.training.batches import Example
from reference_trainer.training.settings import Settings

TOKENS = 5
"""Tokens that a model is asked to read."""
LEAST_SHARE = 1e-6
"""What a later token may add to earlier logits, beside what their own tokens do: rounding."""
LOOKUPS = {
    torch.ops.aten.embedding.default: (0, 1),
    torch.ops.aten.index_select.default: (0, 2),
    torch.ops.aten.gather.default: (0, 2),
}
"""Operations that look rows up in a table: which argument is the table, which the numbers of the rows."""


def require_suitable(model: PreTrainedModel, examples: Iterable[Example], settings: Settings) -> None:
    """Raise `Refusal` if the model has no row for a token, sees what is to come, or has no position for a token."""
    sizes = [(len(example.ids), max(example.ids)) for example in examples]
    longest, highest = (max(values) for values in zip(*sizes, strict=True))
    if highest >= (rows := rows_of(model)):
        raise Refusal(
            f"--model {settings.model}: its tokenizer gives token {highest}, its embeddings have {rows} rows; "
            "take the tokenizer that belongs to the model"
        )
    reading = read_few(model)
    if reading.sees_ahead:
        raise Refusal(
            f"--model {settings.model}: this {model.config.model_type} reads in both directions, and would see what it "
            "is to tell; take a decoder (Llama, Qwen, GPT-2 …)"
        )
    require_room(reading.positions, longest, settings)


def require_room(positions: int | None, longest: int, settings: Settings) -> None:
    """Raise `Refusal` if a prefix and the longest example are over the model's number of positions."""
    prefix = settings.pre_seq_len if settings.method == "ptuning" else 0
    if positions is None or prefix + longest <= positions:
        return
    behind = f", behind a prefix of --tokens {prefix}" if prefix else ""
    cure = f"--tokens and --max-length, to {positions} together" if prefix else f"--max-length, to {positions}"
    raise Refusal(
        f"--model {settings.model}: it has {positions} positions, and the longest example has {longest} tokens"
        f"{behind}; lower {cure} at most"
    )


def rows_of(model: PreTrainedModel) -> int:
    """Count the tokens that the model can both read and tell."""
    ends: tuple[Any, ...] = (model.get_input_embeddings(), model.get_output_embeddings())  # type: ignore[no-untyped-call]
    return min(int(end.weight.shape[0]) for end in ends if end is not None)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a model does with a few tokens."""

    sees_ahead: bool
    """Whether what it tells of a token hangs on later ones too."""
    positions: int | None
    """How many tokens its table of positions has rows for; None without a table."""


class _Lookups(TorchDispatchMode):
    """Notes how many tokens the tables have rows for in which each token looks up the row behind the last one's."""

    def __init__(self, least: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # untyped in torch
        self.least = least
        """Rows of a table of positions at least: what the configuration says."""
        self.rooms: list[int] = []

    def __torch_dispatch__(
        self,
        func: Any,  # noqa: ANN401  (torch's own, as the others)
        types: Any,  # noqa: ANN401
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401
        """Do the operation, and look at it if it is a look-up."""
        if func in LOOKUPS:
            table, numbers = (args[place] for place in LOOKUPS[func])
            along = 0 if func is torch.ops.aten.embedding.default else args[1]
            self._note(table.shape[along], numbers.unique().tolist())
        return func(*args, **(kwargs or {}))

    def _note(self, rows: int, numbers: Sequence[int]) -> None:
        if rows >= self.least and len(numbers) == TOKENS == numbers[-1] - numbers[0] + 1:
            self.rooms.append(rows - numbers[0])


def read_few(model: PreTrainedModel) -> Reading:
    """Let the model read one token several times, and look at what it does.

    Whether an earlier logit hangs on the last token is what its gradient says: where the future is masked it is zero
    to the last bit, in every precision, while two forward passes may differ by rounding.
    """
    stated = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    token = int(model.config.get_text_config().pad_token_id == 0)  # padding may have no position
    ids = torch.full((1, TOKENS), token, device=model.device)
    leaves: list[Tensor] = []

    def from_here(_: nn.Module, __: object, looked_up: Tensor) -> Tensor:
        leaves.append(looked_up.detach().requires_grad_())
        return leaves[-1].clone()

    words: nn.Module = model.get_input_embeddings()
    handle = words.register_forward_hook(from_here)
    try:
        with torch.enable_grad(), _Lookups(stated or 0) as lookups:
            outputs: Any = nn.Module.eval(model)(input_ids=ids, attention_mask=torch.ones_like(ids))
        gradients = torch.autograd.grad(outputs.logits[0, :-1].float().sum(), leaves[0])[0][0]  # (tokens, width)
    finally:
        handle.remove()
    ahead, own = (part.abs().max().item() for part in (gradients[-1], gradients[:-1]))
    return Reading(ahead > LEAST_SHARE * own, min(lookups.rooms, default=None) if stated else None)
