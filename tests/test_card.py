import tomllib
from pathlib import Path
from shutil import copytree

from convatlas.card import card_text
from convatlas.recipe import Recipe
from convatlas.runs import Run
from convatlas.verbs.evaluate import evaluate


def test_the_card_tells_what_how_good_and_how(trained_run: Run, tmp_path: Path) -> None:
    run = Run(copytree(trained_run.path, tmp_path / "run"))
    text = (run.path / "card.md").read_text()
    assert text == card_text(run)
    assert "# lenet5-tanh on digits-5k" in text
    assert run.info.data["licence"] in text
    assert "test: not measured yet" in text
    recipe = text.partition("```toml\n")[2].partition("```")[0]
    assert Recipe.checked(tomllib.loads(recipe)) == run.info.recipe
    figures = evaluate(run).evaluation
    assert f"test: {figures.accuracy:.2%} of 500" in (run.path / "card.md").read_text()
