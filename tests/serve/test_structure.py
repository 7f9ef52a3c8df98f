"""What a page draws of a network: every layer once, its branches, stages that fold."""

import pytest

from convatlas.anatomy import Table, trace
from convatlas.networks import variants
from convatlas.serve.inside.structure import Structure, structure_of
from convatlas.verbs.subject import find_subject


def traced(name: str) -> Table:
    subject = find_subject(name)
    return trace(subject.empty(), subject.input)


def stages(structure: Structure) -> list[tuple[str, int]]:
    return [(one.name, one.last - one.first + 1) for one in structure.stages]


def test_a_small_network_is_two_stages() -> None:
    structure = structure_of(traced("lenet5-tanh"))
    assert stages(structure) == [("features", 8), ("head", 4)]
    (example,) = Structure.model_json_schema()["examples"]
    assert [structure.layers[0].model_dump()] == example["layers"]
    assert example["layers"][0]["operation"] == "conv 1→6 k5 p2"
    assert structure.edges == [(i - 1, i) for i in range(12)]
    assert (structure.parameters, structure.input) == (61706, [1, 28, 28])


def test_densenet_folds_into_ten_stages() -> None:
    structure = structure_of(traced("densenet121"))
    assert stages(structure) == [
        *(("features.stem", 4), ("features.block1", 42), ("features.transition1", 4)),
        *(("features.block2", 84), ("features.transition2", 4)),
        *(("features.block3", 168), ("features.transition3", 4)),
        *(("features.block4", 112), ("features.norm … relu", 2), ("head", 3)),
    ]


def test_poolings_belong_to_the_stage_before_them() -> None:
    structure = structure_of(traced("nin-imagenet"))
    names = [name for name, _ in stages(structure)]
    assert names == [*(f"features.block{i}" for i in (1, 2, 3)), "head"]
    pool = next(one for one in structure.layers if one.name == "features.pool1")
    assert pool.stage == "features.block1"


def test_branches_and_skips_are_edges() -> None:
    layers = structure_of(traced("googlenet"))
    by_name = {one.name: one.index for one in layers.layers}
    joined = by_name["features.inception3a.concat"]
    assert sum(b == joined for _, b in layers.edges) == 4
    skips = structure_of(traced("resnet20"))
    add = next(one for one in skips.layers if one.kind == "join")
    sources = [a for a, b in skips.edges if b == add.index]
    assert len(sources) == 2 and min(sources) < add.index - 1


# one of each family by default
QUICK = {variant.family: variant.name for variant in reversed(list(variants()))}


@pytest.mark.parametrize(
    "name",
    [
        v.name
        if v.name in QUICK.values()
        else pytest.param(v.name, marks=pytest.mark.slow)
        for v in variants()
    ],
)
def test_stages_hold_every_layer_once_and_are_few(name: str) -> None:
    structure = structure_of(traced(name))
    covered = [i for one in structure.stages for i in range(one.first, one.last + 1)]
    assert covered == list(range(len(structure.layers)))
    assert 2 <= len(structure.stages) <= 19
    names = [one.name for one in structure.stages]
    assert len(set(names)) == len(names)
    assert all(layer.stage in names for layer in structure.layers)
    assert len({layer.name for layer in structure.layers}) == len(structure.layers)
    assert all(-1 <= a < b for a, b in structure.edges)
    fed = {b for _, b in structure.edges}
    assert fed == set(range(len(structure.layers)))
