"""A data set as the network sees it: pictures near each other look alike to it."""

from torch import Tensor

from convatlas.importance.embedding import Embedding, embed
from convatlas.importance.features import features_of
from convatlas.importance.pictures import Pictures
from convatlas.looking.subjects import Subject
from convatlas.plots.embedding import draw_embedding
from convatlas.progress import Progress
from convatlas.verbs.explain.section import Section, Shown, Text
from convatlas.verbs.explain.why.options import Why

MOST = 1000  # pictures in the plane
TITLE = Text("Map of the pictures", "图片的二维分布图")
TEXT = Text(
    "Each dot is a picture, placed by what the last layer with weights takes in. "
    "PCA keeps distances as well as a plane can; t-SNE keeps neighbours together, and "
    "its distances between groups say nothing.",
    "每个点是一张图片，位置由最后一个带权重的层的输入决定。PCA 尽可能保持距离；"
    "t-SNE 让相近的点聚在一起，但各组之间的距离没有意义。",
)


def embedding_section(
    subject: Subject, pictures: Pictures, why: Why, progress: Progress
) -> Section:
    """A drawing for each method.

    Raises:
        MissingExtra: scikit-learn is not installed.
        UsageError: too few pictures.
    """
    features = features_of(subject.network, pictures, MOST, progress=progress)
    groups = _groups(subject, pictures, features.rows)
    small = pictures.seen(features.rows).cpu().numpy()
    shown, figures = [], []
    for method in dict.fromkeys(why.embedding):
        found = embed(features, method)
        title = (
            f"{subject.id}: {len(features.rows):,} pictures ({pictures.name}) by what "
            f"{features.layer} takes in"
        )
        figure = draw_embedding(found.points, small, groups, title, _note(found))
        heading = Text(*({"pca": "PCA", "tsne": "t-SNE"}[method],) * 2)
        shown.append(Shown(method, heading, figure=figure))
        figures.append(
            {
                "method": method,
                "explained_variance": found.explained,
                "perplexity": found.perplexity,
                "points": found.points.round(4).tolist(),
            }
        )
    about = {
        "from": pictures.name,
        "layer": features.layer,
        "pictures": features.rows.tolist(),
        "groups": groups,
        "planes": figures,
    }
    return Section("embedding", TITLE, TEXT, tuple(shown), about)


def _groups(subject: Subject, pictures: Pictures, rows: Tensor) -> list[str]:
    """Classes; of numbers how many digits they have."""
    if not pictures.labels:
        return []
    labels = [pictures.label(row) for row in rows.tolist()]
    if subject.answers == "class":
        return labels
    return [f"{len(n)} digit{'s' * (len(n) != 1)}" for n in labels]


def _note(found: Embedding) -> str:
    if found.explained is not None:
        return f"PCA: the plane shows {found.explained:.0%} of the variance"
    return (
        f"t-SNE, perplexity {found.perplexity:.0f}: distances between groups say "
        "nothing"
    )
