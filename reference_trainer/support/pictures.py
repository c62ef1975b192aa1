"""Pictures of what was measured: small, and readable on a light card and on a dark one."""

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

PAPER = "#f7f7f5"
INK = "#333333"
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#777777")
"""Told apart by the colour-blind (Okabe & Ito 2008, "Color universal design"), without their yellow and black."""


def curves(
    lines: Mapping[str, Sequence[float]], *, x: str, y: str, xs: Sequence[float] | None = None, log: bool = False
) -> Figure:
    """Draw named curves over their steps, or over `xs`; 480 by 288 pixels, on paper of its own.

    A figure of its own and no `pyplot`: no window, no global state.
    """
    figure = Figure(figsize=(4.8, 2.88), dpi=100, facecolor=PAPER, layout="constrained")
    axes = figure.subplots()
    axes.set_facecolor(PAPER)
    for (name, values), colour in zip(lines.items(), COLOURS, strict=False):
        axes.plot(range(len(values)) if xs is None else xs, values, color=colour, label=name, linewidth=1.6)
    axes.set_xlabel(x, color=INK)
    axes.set_ylabel(y, color=INK)
    axes.set_yscale("log" if log else "linear")
    axes.tick_params(colors=INK, labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    if len(lines) > 1:
        axes.legend(frameon=False, fontsize=8, labelcolor=INK)
    return figure
