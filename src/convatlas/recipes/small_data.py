"""Fitting the general recipe to a small data set."""

from math import ceil

from convatlas.recipe import Recipe

LEAST_BATCHES = 16  # an epoch
SMALLEST_BATCH = 8
LEAST_STEPS = 500  # of a whole training
MOST_EPOCHS = 100


def fitted(recipe: Recipe, pictures: int) -> Recipe:
    """The recipe with smaller batches and more epochs where there are few pictures.

    Ten epochs of two batches would teach a network nothing.

    Args:
        recipe: for large data sets.
        pictures: of the training split.
    """
    batch = recipe.batch_size
    while batch > SMALLEST_BATCH and pictures < LEAST_BATCHES * batch:
        batch //= 2
    epochs = min(ceil(LEAST_STEPS * batch / pictures), MOST_EPOCHS)
    return recipe.changed(batch_size=batch, epochs=max(recipe.epochs, epochs))
