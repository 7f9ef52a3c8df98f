"""A shipped recipe keeps what the first line of its file promises."""

import re
from pathlib import Path

import pytest

from convatlas import recipes
from convatlas.verbs.evaluate import evaluate
from convatlas.verbs.train import train

PROMISE = re.compile(r"test accuracy (?P<mean>[\d.]+) % ± (?P<spread>[\d.]+)")


def promised(name: str) -> tuple[float, float]:
    """Mean and standard deviation, in %."""
    first = recipes.text_of(name).splitlines()[0]
    found = PROMISE.search(first)
    assert found, f"{name} promises nothing: {first}"
    return float(found["mean"]), float(found["spread"])


@pytest.mark.slow
def test_the_default_of_the_first_steps_reaches_its_accuracy(tmp_path: Path) -> None:
    network, data = "lenet5-tanh", "digits-5k"
    name, _ = recipes.default(network, data)
    mean, spread = promised(name)
    trained = train(network, data, seed=5, device="cpu", out=tmp_path / "run")
    accuracy = 100 * evaluate(trained.run).evaluation.accuracy
    assert abs(accuracy - mean) <= 4 * spread, f"{name}: {accuracy:.2f} %"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("network", "shorter"),
    [
        ("lenet5-sigmoid", {"epochs": 10.0}),
        ("lenet5-maxpool", {"epochs": 10.0}),
        ("mnist-cnn", {"epochs": 5.0, "batch_size": 32}),
        ("resnet-mini", {"epochs": 5.0, "batch_size": 32}),
        ("googlenet-mini", {"epochs": 5.0, "batch_size": 32}),
    ],
)
def test_defaults_teach_networks_that_have_no_recipe_for_the_data(
    network: str, shorter: dict[str, float], tmp_path: Path
) -> None:
    name, _ = recipes.default(network, "digits-5k")
    assert name == (network if network.startswith("lenet5") else recipes.GENERAL)
    trained = train(
        network,
        "digits-5k",
        changes=[("test", shorter)],
        device="cpu",
        out=tmp_path / "run",
    )
    assert trained.best is not None
    assert trained.best.validation_accuracy is not None
    assert trained.best.validation_accuracy > 0.9
