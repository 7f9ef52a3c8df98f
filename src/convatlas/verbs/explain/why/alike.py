"""The pictures of a data set that look most like the user's own to the network."""

from collections.abc import Sequence

from torch import Tensor

from convatlas.importance.pictures import Pictures
from convatlas.importance.similar import Similar, nearest
from convatlas.looking.subjects import Subject
from convatlas.plots.patches import Patch, PatchRow, draw_patches
from convatlas.progress import Progress
from convatlas.verbs.explain.section import Section, Shown, Text
from convatlas.verbs.explain.why.options import Why

TITLE = Text("Most similar pictures", "最相似的图片")
TEXT = Text(
    "The pictures of the data set whose features point into the same direction, with "
    "their labels and the cosine of the angle, 1 for the same direction.",
    "数据集中特征方向最接近的图片，附标签和夹角余弦，1 表示方向相同。",
)


def similar_sections(
    subject: Subject,
    seen: Sequence[Tensor],
    pictures: Pictures,
    why: Why,
    progress: Progress,
) -> list[Section]:
    """A section for each of the user's pictures; the data set is looked at once."""
    queries = [subject.normalise(one)[0] for one in seen]
    found = nearest(subject.network, queries, pictures, why.similar, progress)
    return [
        _section(one, line, pictures) for one, line in zip(seen, found, strict=True)
    ]


def _section(seen: Tensor, line: Sequence[Similar], pictures: Pictures) -> Section:
    patches = [Patch(seen.numpy(), "asked")]
    for one in line:
        below = f"{one.label}  {one.similarity:.3f}".strip()
        patches.append(Patch(pictures.one(one.picture).cpu().numpy(), below))
    title = f"most similar in {pictures.name}"
    figure = draw_patches([PatchRow("", patches)], title, first_apart=True)
    figures = {
        "from": pictures.name,
        "pictures": [
            {
                "picture": one.picture,
                "label": one.label,
                "similarity": one.similarity,
            }
            for one in line
        ],
    }
    heading = Text(*(pictures.name,) * 2)
    shown = Shown("similar", heading, figure=figure)
    return Section("similar", TITLE, TEXT, (shown,), figures)
