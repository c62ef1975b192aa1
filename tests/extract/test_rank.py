"""Ranking: what is sure of a card, whatever the judge says of its passage."""

from ankillm.extract import extract
from ankillm.extract.floors import COMMENTED
from ankillm.markdown.note import parse


def least(code: str) -> int:
    """Return the highest floor of what the rules of code propose for a fence."""
    note = parse(f"# 训练\n\n```python\n{code}\n```\n", "n.md")
    ranked = [ranked for choice in extract(note) for ranked in choice.proposals]
    scores = [one.proposal.least for one in ranked if one.proposal.rule == "code"]
    return max(scores, default=-1)


def test_a_comment_behind_code_vouches_for_the_card() -> None:
    assert least("model.config.use_cache = False  # 训练时用不到缓存") == COMMENTED


def test_a_comment_above_code_and_a_computation_do_not() -> None:
    """What stands under a comment is most often just what follows; a computed quantity is explained by nothing."""
    assert least("# 训练时用不到缓存，关掉它\nmodel.config.use_cache = False") == 0
    assert least("total_steps = epochs * batches_per_epoch") == 0
