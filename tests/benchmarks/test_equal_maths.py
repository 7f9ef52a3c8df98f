"""Equal maths: the same weights as the tutorials' loops, and a table that runs."""

import copy
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor, nn
from torchvision.transforms.functional import to_pil_image

from benchmarks.equal_maths import ours, tutorial
from benchmarks.equal_maths.cases import CASES, Case
from benchmarks.equal_maths.page import page
from convatlas.data import load
from convatlas.data.preprocess import Preprocess
from convatlas.networks import build
from convatlas.recipe import Recipe
from convatlas.spec import ImageSpec
from convatlas.training.examples import Examples
from convatlas.training.loop import fit
from convatlas.training.state import TrainingState
from convatlas.training.tasks import CLASSES, DigitsTask

ROOT = Path(__file__).parents[2]


def pictures(case: Case, count: int) -> Examples:
    """Digits for most; for numbers, noise of the size that is decoded."""
    if case.pictures.folder:
        split = load("digits-5k").train
        return Examples(split.images[:count], split.labels[:count], 10, CLASSES)
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(
        0, 256, (count, 3, 80, 150), dtype=torch.uint8, generator=generator
    )
    labels = torch.randint(0, 11, (count, 5), generator=generator)
    return Examples(images, labels, 11, DigitsTask())


@dataclass(frozen=True)
class Both:
    """A network before, after our loop, after the tutorial's on the same batches."""

    before: nn.Module
    ours: nn.Module
    theirs: nn.Module

    @property
    def moved(self) -> float:
        """The length of the way that the tutorial's loop took in weight space."""
        return distance(self.before, self.theirs)

    @property
    def apart(self) -> float:
        """How far the ends are from each other, as a share of that way."""
        return distance(self.ours, self.theirs) / self.moved


def distance(one: nn.Module, other: nn.Module) -> float:
    pairs = zip(one.parameters(), other.parameters(), strict=True)
    with torch.no_grad():
        return sum(float((a - b).double().square().sum()) for a, b in pairs) ** 0.5


def trained(
    case: Case, recipe: Recipe, steps: int, dtype: torch.dtype = torch.float32
) -> Both:
    """Some steps from the same weights, with the batches that our loop draws."""
    torch.manual_seed(0)
    network = build(case.network, input_size=case.size).to(dtype)
    for module in network.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0  # both sides would draw other numbers
    before, theirs = copy.deepcopy(network), copy.deepcopy(network)
    train = pictures(case, case.batch * steps)
    spec = ImageSpec(
        *train.images.shape[1:], mean=case.pictures.mean, std=case.pictures.std
    )
    preprocess = Preprocess.of(spec, (spec.channels, *case.size), "resize")
    one_by_one = tutorial.scaled(case)
    batches: list[tuple[Tensor, Tensor]] = []

    def noted(batch: Examples, generator: torch.Generator) -> Examples:
        images = [one_by_one(as_file(image)) for image in batch.images]
        batches.append((torch.stack(images).to(dtype), batch.labels))
        return batch

    def transform(images: Tensor) -> Tensor:
        prepared: Tensor = preprocess(images).to(dtype)
        return prepared

    state = TrainingState.fresh(network, recipe, seed=0)
    for count, _ in enumerate(fit(state, train, None, transform, noted), start=1):
        if count == steps:
            break
    of_classes = (
        nn.CrossEntropyLoss() if case.pictures.folder else tutorial.loss_of_digits
    )

    def loss_of(logits: Tensor, labels: Tensor) -> Tensor:
        loss: Tensor = of_classes(logits.float(), labels)
        return loss

    optimizer = tutorial.optimizer_of(case, theirs)
    losses = list(tutorial.steps(theirs.train(), batches, loss_of, optimizer))
    assert len(losses) == steps
    return Both(before, network, theirs)


def as_file(image: Tensor) -> Image.Image:
    picture: Image.Image = to_pil_image(image)
    return picture


# In float32 both loops are some 1e-6 off the exact weights, unless rounding decides on
# which side of a ReLU's zero a value lies: then a picture's whole gradient is another
# one, in either loop. So the sums are compared in float64, and float32 only roughly.
EXACT, ROUNDED = 1e-12, 2e-2


@pytest.mark.parametrize("network", ["lenet5-tanh", "resnet-mini", "googlenet-mini"])
def test_weights_are_those_of_the_tutorials_loop(network: str) -> None:
    case = replace(CASES[network], batch=64)
    exact = trained(case, case.recipe(), 4, torch.float64)
    assert exact.moved > 1e-2
    assert exact.apart < EXACT
    assert trained(case, case.recipe(), 4).apart < ROUNDED


@pytest.mark.slow
@pytest.mark.parametrize("network", ["alexnet-gray", "street-resnet18"])
def test_weights_of_large_networks_too(network: str) -> None:
    # Plain SGD: Adam divides by the size of a gradient, and the size of one that is
    # nearly zero is rounding.
    case = replace(CASES[network], batch=8, optimizer="sgd", lr=0.01)
    exact = trained(case, case.recipe(), 2, torch.float64)
    assert exact.moved > 1e-2
    assert exact.apart < EXACT
    assert trained(case, case.recipe(), 1).apart < ROUNDED


def test_another_rate_would_be_noticed() -> None:
    case = replace(CASES["lenet5-tanh"], batch=64)
    recipe = case.recipe().changed(lr=case.lr * 1.0001)
    assert trained(case, recipe, 4, torch.float64).apart > 1e-5


def test_both_sides_run_as_many_steps_as_are_timed(random_mnist: Path) -> None:
    case = replace(CASES["lenet5-tanh"], batch=16, warm=1, timed=2)
    assert tutorial.images_per_second(case, random_mnist) > 0
    assert ours.images_per_second(case, random_mnist, "float32") > 0


@pytest.mark.slow
def test_every_side_is_measured_in_a_process_of_its_own(
    random_mnist: Path, tmp_path: Path
) -> None:
    out = tmp_path / "page.md"
    command = [
        *(sys.executable, "-m", "benchmarks.equal_maths", "--tiny", "--threads", "1"),
        *("--networks", "lenet5-tanh", "--out", str(out)),
        *("--data-dir", str(random_mnist)),
    ]
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
    (row,) = [
        x for x in out.read_text().splitlines() if x.startswith("| lenet5-tanh 2")
    ]
    cells = [cell.strip() for cell in row.split("|")[1:-1]]
    tutorial_speed, our_speed = (float(cells[i].replace(",", "")) for i in (3, 4))
    assert tutorial_speed > 0
    ratio = float(cells[5].strip("*"))
    assert ratio == pytest.approx(our_speed / tutorial_speed, rel=0.05)
    assert cells[-1] == "2 of 1"


def test_an_epoch_that_is_too_short_is_no_measurement() -> None:
    case = CASES["lenet5-tanh"].tiny()
    with pytest.raises(ValueError, match="fewer steps"):
        case.images_per_second(iter(range(2)))


def test_the_page_has_medians_of_ratios() -> None:
    repeats = [
        {"tutorial": 100.0, "float32": 200.0},
        {"tutorial": 50.0, "float32": 150.0},
        {"tutorial": 10.0, "float32": 300.0},
    ]
    text = page(
        [(CASES["resnet-mini"], repeats)],
        conditions="here and now",
        command="python",
        native_bf16=False,
    )
    assert "| 256 | 50 | 200 | **3.00** | – | – | 120 of 3 |" in text
    assert "no bf16 arithmetic" in text
