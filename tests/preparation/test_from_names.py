import pytest

from convatlas.networks import find
from convatlas.preparation.from_names import _normalised
from convatlas.recipe import Recipe
from convatlas.spec import ImageSpec


def test_published_weights_bring_their_normalisation() -> None:
    spec = ImageSpec(3, 32, 32, (0.5, 0.5, 0.5), (0.2, 0.2, 0.2))
    variant = find("resnet18")
    imagenet = Recipe(weights="imagenet")
    as_published = _normalised(spec, variant, imagenet)
    assert as_published.mean == (0.485, 0.456, 0.406)
    assert _normalised(spec, variant, Recipe()) == spec
    grey = _normalised(ImageSpec(1, 28, 28, (0.1,), (0.3,)), variant, imagenet)
    assert grey.mean == pytest.approx((0.449,), abs=1e-9)
