from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, kl_div

from convatlas.recipe import Recipe
from convatlas.training.examples import Examples
from convatlas.training.loop import fit
from convatlas.training.losses import loss_and_answers
from convatlas.training.speed.execution import Execution
from convatlas.training.state import TrainingState
from convatlas.training.tasks import (
    CLASSES,
    ColumnsTask,
    DigitsTask,
    LengthTask,
    Weighing,
    soft_cross_entropy,
)
from convatlas.training.teachers import Teachers


def test_a_sure_teacher_is_a_label() -> None:
    answers, labels = torch.randn(5, 3), torch.tensor([0, 2, 1, 1, 0])
    sure = 100.0 * nn.functional.one_hot(labels, 3).float()
    expected = cross_entropy(answers, labels)
    torch.testing.assert_close(soft_cross_entropy(answers, sure[None]), expected)


def test_the_best_answer_is_the_mean_of_the_teachers() -> None:
    told = torch.randn(2, 4, 6, 11)
    mean = told.softmax(-1).mean(0)
    best = soft_cross_entropy(mean.log(), told)
    other = torch.randn(4, 6, 11)
    # what is lost beside the best is the Kullback-Leibler divergence
    further = kl_div(other.log_softmax(-1), mean, reduction="sum") / 4
    torch.testing.assert_close(soft_cross_entropy(other, told) - best, further)


def test_every_way_to_answer_is_best_when_it_equals_the_teacher() -> None:
    torch.manual_seed(0)
    for task, shape in (
        (CLASSES, (7, 10)),
        (DigitsTask(), (7, 6, 11)),
        (LengthTask(), (7, 7 + 50)),
        (ColumnsTask(), (7, 12, 11)),
    ):
        told = torch.randn(1, *shape)
        best = task.imitation(told[0], told)
        for _ in range(5):
            moved = told[0] + 0.3 * torch.randn(shape)
            assert task.imitation(moved, told) > best


def test_the_loss_is_shared_between_labels_and_teachers() -> None:
    network, images = nn.Linear(4, 3), torch.randn(5, 4)
    batch = Examples(images, torch.tensor([0, 1, 2, 0, 1]), 3)
    told = torch.randn(1, 5, 3)
    taught = replace(batch, told=told)
    loss, answers = loss_and_answers(network, images, taught, Weighing(teachers=0.7))
    own, _ = loss_and_answers(network, images, batch, Weighing())
    expected = 0.3 * own + 0.7 * soft_cross_entropy(answers, told)
    torch.testing.assert_close(loss, expected)


def test_teachers_answer_as_in_evaluation_and_are_not_changed() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Flatten(), nn.BatchNorm1d(12), nn.Dropout(), nn.Linear(12, 3)
    )
    before = {name: value.clone() for name, value in network.state_dict().items()}
    images, way = torch.randn(4, 3, 2, 2), Execution.of(Recipe())
    teachers = Teachers([network, network])
    told = teachers.answers(images, way)
    assert told.shape == (2, 4, 3) and len(teachers) == 2 and not told.requires_grad
    torch.testing.assert_close(told[0], network.eval()(images).detach())
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name])


class Brightest(nn.Module):
    """Knows which third of an 8×8 picture is the brightest."""

    def forward(self, images: Tensor) -> Tensor:
        thirds = [images[..., 2 * k : 2 * k + 2].mean((1, 2, 3)) for k in range(3)]
        return 40 * torch.stack(thirds, dim=1)


def test_a_network_learns_from_its_teacher_what_the_labels_do_not_say() -> None:
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 255, (300, 1, 8, 8), generator=generator)
    images = images.to(torch.uint8)
    labels = torch.randint(3, (300,), generator=generator)  # of no use
    recipe = Recipe(epochs=40, batch_size=32, lr=0.01, teacher="x", teacher_share=0.9)
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(64, 3))
    state = TrainingState.fresh(network, recipe, 0, teachers=Teachers([Brightest()]))

    def scaled(batch: Tensor) -> Tensor:
        return batch.float() / 255

    for _ in fit(state, Examples(images, labels, 3), None, scaled):
        pass
    true = Brightest()(scaled(images)).argmax(1)
    learned = network(scaled(images)).argmax(1)
    assert (learned == true).float().mean() > 0.9
    assert (learned == labels).float().mean() < 0.6
