"""The receptive field of a unit, drawn over a picture."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from convatlas.anatomy.effective import Effect
from convatlas.plots.figure import ACCENT, FAINT, INK, SECOND, new_figure, style

Patch = tuple[int, int, int, int]


def draw_receptive_field(
    effect: Effect, patch: Patch | None, title: str, picture: Any = None
) -> Figure:
    """The picture with what the unit sees, and cuts through the strongest pixel.

    Args:
        effect: by gradients.
        patch: in theory: (top, left, bottom, right); None: everything.
        title: above.
        picture: H W 3, uint8, in the size of the input; plain when None.
    """
    strength = effect.strength.numpy()
    height, width = strength.shape
    top, left, bottom, right = patch or (0, 0, height - 1, width - 1)
    with style(grid=False):
        figure = new_figure(9.2, 4.4)
        figure.suptitle(title, x=0.01, ha="left", fontsize=10)
        where, cut = figure.subplots(1, 2, width_ratios=(1, 1.05))
        if picture is not None:
            grey = picture.mean(2, keepdims=True)
            where.imshow((0.55 * grey + 0.45 * 255).repeat(3, 2).astype(np.uint8))
        shown = np.sqrt(strength)  # so that faint pixels are seen too
        heat = where.imshow(
            shown,
            cmap="viridis",
            vmin=0,
            vmax=1,
            alpha=None if picture is None else np.clip(1.3 * shown, 0, 0.9),
            interpolation="nearest",
        )
        outline = (left - 0.5, top - 0.5), right - left + 1, bottom - top + 1
        where.add_patch(
            Rectangle(*outline, fill=False, edgecolor=SECOND, linewidth=1.8, zorder=5)
        )
        where.set_xlim(min(left, 0) - 1.5, max(right + 1, width) + 0.5)
        where.set_ylim(max(bottom + 1, height) + 0.5, min(top, 0) - 1.5)
        where.add_patch(
            Rectangle((-0.5, -0.5), width, height, fill=False, edgecolor=FAINT)
        )
        where.set_xlabel("pixels; orange: the field in theory")
        bar = figure.colorbar(heat, ax=where, shrink=0.8)
        bar.set_ticks([0, 0.5, 1], labels=["0", "¼", "1"])
        bar.set_label("gradient, of the strongest")
        y, x = np.unravel_index(int(strength.argmax()), strength.shape)
        cut.plot(np.arange(width), strength[y], color=ACCENT, label=f"row {y}")
        cut.plot(np.arange(height), strength[:, x], color=INK, label=f"column {x}")
        cut.axvspan(left - 0.5, right + 0.5, color=SECOND, alpha=0.1, linewidth=0)
        cut.set_xlabel("pixels; shaded: columns of the field in theory")
        sides = f"{bottom - top + 1}×{right - left + 1}"
        cut.set_title(f"theory {sides}, effect about {effect.size:.0f} pixels a side")
        cut.legend()
    return figure
