import re
from pathlib import Path

import pytest

from convatlas import recipes
from convatlas.errors import RecipeError, UnknownName
from convatlas.networks import variants


@pytest.mark.parametrize("name", recipes.shipped())
def test_every_shipped_recipe_loads_and_says_what_it_costs(name: str) -> None:
    recipes.load(name)
    first = recipes.text_of(name).splitlines()[0]
    assert re.match(
        r"# .*\b(s|minutes?|hours?|epochs)\b.*(\d %|accuracy|IoU)", first
    ), first


def test_defaults_are_named_after_networks_that_exist() -> None:
    known = {variant.name for variant in variants()}
    special = ("tutorial-", "d2l-", "mnist-99", recipes.GENERAL)
    for name in recipes.shipped():
        if not name.startswith(special):
            assert name.partition(".")[0] in known


def test_the_default_is_the_most_special_one() -> None:
    assert recipes.default("lenet5-tanh", "digits-5k")[0] == "lenet5-tanh.digits-5k"
    assert recipes.default("nin-gray", "mnist")[0] == "nin-gray.fashion-mnist"
    assert recipes.default("nin-gray", "digits-5k")[0] == recipes.GENERAL
    assert recipes.default("vgg16", "nowhere")[0] == recipes.GENERAL


def test_a_file_is_read_and_its_faults_named(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("lr = 0.5\nepochs = 2\n")
    assert recipes.load(str(path)).lr == 0.5
    path.write_text("learning_rate = 0.5\n")
    with pytest.raises(RecipeError, match=r"mine.toml: no value is called"):
        recipes.load(str(path))
    path.write_text("lr = \n")
    with pytest.raises(RecipeError, match=r"mine.toml: is not TOML"):
        recipes.load(str(path))
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(RecipeError, match="cannot be read"):
        recipes.load(str(path))


def test_what_is_not_there_is_named() -> None:
    with pytest.raises(RecipeError, match=r"nowhere.toml: cannot be read: No such"):
        recipes.load("nowhere.toml")
    with pytest.raises(UnknownName, match="did you mean tutorial-003-lenet"):
        recipes.load("tutorial-003-lennet")
