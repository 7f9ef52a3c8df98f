"""What excites the units of a layer most, in the pictures of a data set."""

from convatlas.importance.exciting import most_exciting, unit_row
from convatlas.importance.pictures import Pictures
from convatlas.looking.subjects import Subject
from convatlas.plots.patches import Patch, PatchRow, draw_patches
from convatlas.progress import Progress
from convatlas.verbs.explain.section import Section, Shown, Text
from convatlas.verbs.explain.why.options import Why, layer_and_channels

CHANNELS, PATCHES = 8, 9  # shown where none are named
TITLE = Text("What excites a unit", "什么最能激活一个单元")
TEXT = Text(
    "The parts of pictures in which a channel is strongest anywhere, cut to what the "
    "unit sees; grey paper is padding. Below: the value and the whole picture's label.",
    "使某通道在任意位置响应最强的图片局部，按感受野裁剪；灰色部分是填充。"
    "下方为激活值和整张图片的标签。",
)


def exciting_section(
    subject: Subject, pictures: Pictures, why: Why, progress: Progress
) -> Section:
    """A sheet a layer, a row a channel.

    Raises:
        UnknownName: no such layer.
        UsageError: a layer without channels, or a channel that is not there.
    """
    shown, figures = [], []
    for text in why.exciting:
        layer, channels = layer_and_channels(text)
        row = unit_row(subject.table, layer)
        few = channels or list(range(min(row.output[0], CHANNELS)))
        found = most_exciting(
            subject.network,
            layer,
            pictures,
            few,
            PATCHES,
            table=subject.table,
            progress=progress,
        )
        rows = [
            PatchRow(
                str(channel),
                [Patch(p.pixels, _below(p.value, p.label), p.outside) for p in patches],
            )
            for channel, patches in found.items()
        ]
        field = {"all": "the whole picture"}.get(
            row.field_text, f"{row.field_text} pixels"
        )
        title = f"{layer} ({row.operation}), sees {field}; from {pictures.name}"
        figure = draw_patches(rows, title, empty="the same in all pictures")
        heading = Text(*(f"{layer}  {row.operation}",) * 2)
        shown.append(Shown(layer, heading, figure=figure))
        figures += [
            {
                "layer": layer,
                "channel": channel,
                "patches": [
                    {
                        "picture": p.picture,
                        "label": p.label,
                        "value": p.value,
                        "unit": list(p.unit),
                        "region": list(p.region),
                        "outside": list(p.outside),
                    }
                    for p in patches
                ],
            }
            for channel, patches in found.items()
        ]
    about = {"from": pictures.name, "channels": figures}
    return Section("exciting", TITLE, TEXT, tuple(shown), about)


def _below(value: float, label: str) -> str:
    return f"{value:.3g}  ({label})" if label else f"{value:.3g}"
