"""Pictures of a run's data set as its ONNX file takes them, and how well it does."""

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import torch
from torch import Tensor

from convatlas import street_views
from convatlas.data.dataset import Dataset, Split
from convatlas.exporting.graph import Graph
from convatlas.number_box import overlap, union
from convatlas.training.box_task import BoxTask
from convatlas.training.examples import Examples
from convatlas.training.tasks import CLASSES

AT_ONCE = 64


def shown(graph: Graph, dataset: Dataset, split: Split, most: int) -> Examples:
    """Some pictures of a split, drawn with a fixed seed, as they are judged.

    Args:
        graph: of a run.
        dataset: of the split.
        split: of the run's data set.
        most: pictures.

    Returns:
        Pictures in the shape that the graph takes, uint8, with all that is known.
    """
    generator = torch.Generator().manual_seed(0)
    rows = torch.randperm(len(split), generator=generator)[:most].sort().values
    some = replace(
        split,
        images=split.images[rows],
        labels=split.labels[rows],
        files=(),
        boxes=None if split.boxes is None else split.boxes[rows],
        sizes=None if split.sizes is None else split.sizes[rows],
    )
    classes = dataset.labels.classes
    if graph.task is CLASSES:
        return Examples(some.images, some.labels, classes)
    examples = street_views.examples(some, classes, graph.task, torch.device("cpu"))
    _, height, width = graph.shape
    return street_views.seen(examples, graph.run.info.recipe, (height, width))


def score(answer: Callable[[Tensor], Tensor], examples: Examples) -> float:
    """Share of right answers; of boxes, the mean of what they share with the true ones.

    Args:
        answer: pictures N C H W, uint8, to the answers of a graph.
        examples: as ``shown`` gives them.
    """
    answers = torch.cat(
        [answer(part) for part in torch.split(examples.images, AT_ONCE)]
    )
    if isinstance(examples.task, BoxTask):
        scores = overlap(answers, union(cast(Tensor, examples.boxes)))[0]
    else:
        scores = examples.task.score(answers, examples)
    return float(scores.double().mean())
