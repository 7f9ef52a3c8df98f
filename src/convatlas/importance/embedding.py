"""Features of many pictures as points of a plane (scikit-learn, extra: explain)."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from convatlas.errors import MissingExtra, UnknownName, UsageError
from convatlas.importance.features import Features

Projection = Literal["pca", "tsne"]
PROJECTIONS: tuple[Projection, ...] = get_args(Projection)

FEWEST = 5  # pictures
PERPLEXITY = 30.0  # about how many neighbours t-SNE keeps together
BEFORE = 50  # components that t-SNE gets, as van der Maaten & Hinton 2008 took


@dataclass(frozen=True)
class Embedding:
    """Points of a plane.

    Attributes:
        method: how they were found.
        points: N × 2, float32.
        explained: share of the features' variance that a PCA's plane shows.
        perplexity: of t-SNE.
    """

    method: Projection
    points: NDArray[np.float32]
    explained: float | None = None
    perplexity: float | None = None


def embed(features: Features, method: str = "pca", seed: int = 0) -> Embedding:
    """Points of a plane, near each other where features are.

    PCA turns and drops, so distances can be trusted as far as ``explained`` says;
    t-SNE keeps neighbours together, and distances between groups say nothing.

    Args:
        features: of the pictures.
        method: one of ``PROJECTIONS``.
        seed: of t-SNE.

    Raises:
        UnknownName: no such method.
        MissingExtra: scikit-learn is not installed.
        UsageError: too few pictures, or features that are not finite.
    """
    if method not in PROJECTIONS:
        known = f"there are {' and '.join(PROJECTIONS)}"
        raise UnknownName("embedding", method, PROJECTIONS, known)
    vectors = features.vectors.double().numpy()
    if len(vectors) < FEWEST:
        raise UsageError(f"{len(vectors)} pictures: an embedding needs {FEWEST}")
    if not np.isfinite(vectors).all():
        raise UsageError(f"the features of {features.layer} are not all finite")
    if np.ptp(vectors, axis=0).max() == 0:
        raise UsageError(
            f"the features of {features.layer} are the same for all pictures"
        )
    try:
        from sklearn.decomposition import PCA
        from sklearn.manifold import TSNE
    except ImportError:
        raise MissingExtra("an embedding map", "scikit-learn", "explain") from None
    if method == "pca":
        plane = PCA(2, svd_solver="full")
        points = plane.fit_transform(vectors)
        explained = float(plane.explained_variance_ratio_.sum())
        return Embedding("pca", points.astype(np.float32), explained=explained)
    components = min(BEFORE, *vectors.shape)
    reduced = PCA(components, svd_solver="full").fit_transform(vectors)
    perplexity = min(PERPLEXITY, (len(vectors) - 1) / 3)
    neighbours = TSNE(2, init="pca", perplexity=perplexity, random_state=seed, n_jobs=1)
    points = neighbours.fit_transform(reduced)
    return Embedding("tsne", points.astype(np.float32), perplexity=perplexity)
