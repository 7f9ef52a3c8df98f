import pytest

from convatlas.errors import RecipeError
from convatlas.recipe import Recipe


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"lr": -1}, "recipe: lr = -1: input should be greater than 0"),
        ({"batchsize": 3}, "did you mean batch_size"),
        ({"batch-sise": 3}, "did you mean batch_size"),
        ({"schedule": "step"}, "step_every: the schedule 'step' needs it"),
        ({"nesterov": True}, "nesterov: needs optimizer = 'sgd'"),
        ({"schedule": "cosin"}, "'constant', 'step', 'cosine' or 'one-cycle'"),
        ({"epochs": 0}, "epochs = 0: input should be greater than 0"),
        ({"momentum": 1}, "less than 1"),
        ({"lr": float("nan")}, "lr = nan"),
        ({"epochs": float("inf")}, "epochs = inf"),
    ],
)
def test_bad_values_are_named_with_what_would_do(values: dict, text: str) -> None:
    with pytest.raises(RecipeError) as caught:
        Recipe.checked(values)
    assert text in str(caught.value)
    assert "\n" not in str(caught.value)


def test_changes_are_checked_and_leave_the_original_alone() -> None:
    recipe = Recipe(lr=0.1)
    assert recipe.changed(lr="0.2").lr == 0.2
    assert recipe.lr == 0.1
    with pytest.raises(RecipeError, match="environment: lr = 'fast'"):
        recipe.changed(lr="fast", source="environment")


def test_a_recipe_is_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Recipe().lr = 1.0  # type: ignore[misc]


def test_every_value_says_what_it_is() -> None:
    for name, field in Recipe.model_fields.items():
        assert field.description, name


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "greater than or equal to 1"),
        ("many", "valid integer, unable to parse string as an integer"),
    ],
)
def test_a_fault_of_a_value_of_two_types_tells_both(value: object, said: str) -> None:
    fault = f"threads = {value!r}: input should be 'auto' or input should be .*{said}$"
    with pytest.raises(RecipeError, match=fault):
        Recipe.checked({"threads": value})
    assert Recipe.checked({"threads": "2"}).threads == 2
