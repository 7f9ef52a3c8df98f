import pytest

from convatlas.recipe import Recipe
from convatlas.recipes.small_data import fitted


@pytest.mark.parametrize(
    ("pictures", "batch", "epochs"),
    [(60_000, 128, 10), (4_000, 128, 16), (144, 8, 28), (10, 8, 100)],
)
def test_few_pictures_mean_small_batches_and_more_epochs(
    pictures: int, batch: int, epochs: int
) -> None:
    recipe = fitted(Recipe(batch_size=128, epochs=10), pictures)
    assert (recipe.batch_size, recipe.epochs) == (batch, epochs)


def test_a_longer_recipe_stays_as_long() -> None:
    assert fitted(Recipe(batch_size=128, epochs=300), 1000).epochs == 300
