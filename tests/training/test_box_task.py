from dataclasses import replace

import torch

from convatlas.number_box import CLASSES, DIGIT, MAPS, union
from convatlas.training.box_task import BoxTask
from convatlas.training.examples import Examples


def batch() -> Examples:
    boxes = torch.full((2, 3, 4), torch.nan)
    boxes[0, 0] = torch.tensor([0.1, 0.2, 0.3, 0.6])
    boxes[0, 1] = torch.tensor([0.3, 0.2, 0.6, 0.6])
    boxes[1, 0] = torch.tensor([0.5, 0.5, 0.9, 0.9])
    labels = torch.tensor([[4, 7, 10], [0, 10, 10]])
    return Examples(torch.zeros(2, 3, 4, 4), labels, 11, BoxTask(), boxes)


def test_answers_can_learn_the_boxes() -> None:
    torch.manual_seed(0)
    answers = torch.zeros(2, MAPS, 8, 12, requires_grad=True)
    task, optimizer = BoxTask(), torch.optim.Adam([answers], lr=0.1)
    before = task.score(answers, batch())
    for _ in range(150):
        optimizer.zero_grad()
        task.loss(answers, batch()).backward()
        optimizer.step()
    assert before.max() < 0.5
    assert task.score(answers, batch()).min() > 0.9
    inside = answers[0, 0].sigmoid() > 0.5  # which positions a digit covers
    assert 0.15 < inside.float().mean() < 0.25
    digits = answers[0, CLASSES].argmax(0)[inside]
    assert digits.unique().tolist() == [4, 7]


def test_one_box_for_all_digits_says_nothing_of_each() -> None:
    known = batch()
    together = replace(known, boxes=union(known.boxes)[:, None])
    answers = torch.zeros(2, MAPS, 8, 12, requires_grad=True)
    BoxTask().loss(answers, together).backward()
    assert not answers.grad[:, CLASSES].any()
    assert answers.grad[:, DIGIT].any()


def test_pictures_without_boxes_are_tolerated() -> None:
    empty = Examples(
        torch.zeros(1, 3, 4, 4),
        torch.full((1, 3), 10),
        11,
        BoxTask(),
        torch.full((1, 3, 4), torch.nan),
    )
    answers = torch.randn(1, MAPS, 4, 4, requires_grad=True)
    loss = BoxTask().loss(answers, empty)
    loss.backward()
    assert torch.isfinite(loss) and torch.isfinite(answers.grad).all()
