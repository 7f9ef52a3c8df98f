import shlex
from typing import Any

import pytest

from convatlas.cli.command import new_app, run
from convatlas.cli.recipe_flags import Flags, as_typed, from_flags


@pytest.mark.parametrize(
    "values",
    [
        {"lr": 0.02, "optimizer": "muon", "batch_size": 32},
        {"flip": True, "nesterov": False, "label_smoothing": 0.1},
        {},
    ],
)
def test_what_is_printed_can_be_typed(values: dict[str, Any]) -> None:
    app, read = new_app("it"), []

    @app.default
    def it(*, flags: Flags = None) -> None:
        read.append(from_flags(flags))

    run(app, shlex.split(as_typed(values)))
    assert read == [values]


def test_strange_values_are_quoted() -> None:
    assert as_typed({"recipe": "my recipe.toml"}) == "--recipe 'my recipe.toml'"
