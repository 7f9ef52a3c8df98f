"""How every picture looks, and how it is written."""

import warnings
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager

from convatlas.errors import UsageError
from convatlas.whole_files import whole_file

ACCENT = "#2563eb"
SECOND = "#ea580c"
INK = "#1f2937"
FAINT = "#9ca3af"

_STYLE: Any = {
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "grid.color": "#e5e7eb",
    "legend.frameon": False,
    "savefig.dpi": 144,
    "svg.fonttype": "none",
}


# Faces with Chinese characters, for names of classes: whichever is installed.
_CHINESE = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "PingFang SC",
    "Microsoft YaHei",
    "WenQuanYi Zen Hei",
    "SimHei",
)


@cache
def _families() -> tuple[str, ...]:
    installed = set(fontManager.get_font_names())
    return ("DejaVu Sans", *[name for name in _CHINESE if name in installed][:1])


def style(*, grid: bool = True) -> AbstractContextManager[None]:
    """The look of all pictures, for what is drawn inside."""
    return rc_context({**_STYLE, "font.family": _families(), "axes.grid": grid})


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of that size in inches, with its layout kept tight."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def write(figure: Figure, file: BinaryIO, kind: str) -> None:
    """A figure as the content of an open file.

    Args:
        figure: to be drawn.
        file: that takes it.
        kind: ``"png"`` or ``"svg"``.

    Raises:
        OSError: it cannot be written.
    """
    with style(), warnings.catch_warnings():
        # a machine without Chinese fonts shows boxes; a warning mends nothing
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        figure.savefig(file, format=kind)


def save(figure: Figure, path: Path) -> Path:
    """Writes a PNG or SVG, by the path's ending, in one step.

    Raises:
        UsageError: another ending, or a path that cannot be written.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in ("png", "svg"):
        raise UsageError(f"{path}: pictures are written as .png or .svg")
    try:
        with whole_file(path) as file:
            write(figure, file, kind)
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be written: {error.strerror or error}"
        ) from None
    return path
