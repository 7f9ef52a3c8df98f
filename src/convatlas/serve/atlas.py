"""``/v1/networks``: the family tree, layers and diagrams; samples of data."""

import json
from functools import cache, lru_cache
from importlib.resources import files
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel

from convatlas.errors import UnknownName
from convatlas.png import as_data_uri
from convatlas.serve import data_sets
from convatlas.serve.inside.asked import Inside, Looking
from convatlas.serve.inside.opened import UNTRAINED
from convatlas.serve.inside.structure import Layer, Stage, Structure, structure_of
from convatlas.serve.served import Served, State

router = APIRouter(tags=["atlas"])

MOST_SAMPLES = 100
SVG = "image/svg+xml"
# a picture in a page of its own: its style is inside it
SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'"

Name = Annotated[
    str, Path(description="of a network", examples=["lenet5-tanh", "vgg16"])
]


class RunAccuracy(BaseModel):
    """What a run of the network reached."""

    run: str
    data: str
    split: str
    value: float
    n: int


class About(BaseModel):
    """A network; ``took``: what the first of a family took from its parents."""

    name: str
    title: str
    year: int
    family: str
    reference: str
    input: list[int]
    classes: int
    answers: Literal["class", "number"]
    weights: list[str]
    parameters: int
    macs: int
    parents: list[str]
    took: str
    runs: list[str]
    accuracy: RunAccuracy | None


class Listed(About):
    """A network; ``layers`` counts those with weights, the longest way."""

    layers: int


class Networks(BaseModel):
    """All networks, family by family, the oldest first."""

    networks: list[Listed]


class Network(About):
    """A network with its layers; see the structure of a run."""

    depth: int
    layers: list[Layer]
    edges: list[tuple[int, int]]
    stages: list[Stage]


class Sample(BaseModel):
    """A picture and what it is."""

    png: str
    label: str


class Samples(BaseModel):
    """Pictures of the validation split."""

    samples: list[Sample]


@router.get("/v1/networks")
async def networks(served: State) -> Networks:
    """The networks of the atlas, with what each grew out of and the runs of it here."""
    return Networks(networks=[_listed(entry, served) for entry in _entries().values()])


@router.get("/v1/networks/{name}")
async def network(
    request: Request, served: State, inside: Looking, name: Name
) -> Network:
    """A network of the atlas, layer by layer."""
    listed = _listed(_entry(name), served)
    found = await inside.turns.take(request, _structure, inside, name)
    about = listed.model_dump(exclude={"layers"})
    return Network(**{**about, **dict(found), "depth": listed.layers})


@router.get(
    "/v1/networks/{name}/diagram.svg",
    response_class=Response,
    responses={200: {"content": {SVG: {"schema": {"type": "string"}}}}},
)
async def diagram(request: Request, inside: Looking, name: Name) -> Response:
    """A network drawn as the papers draw it, light or dark as its surroundings are."""
    entry = _entry(name)
    title = f"{name}: {entry['title']} ({entry['year']})"
    text = await inside.turns.take(request, _diagram, inside, name, title)
    return Response(
        text, media_type=SVG, headers={"content-security-policy": SVG_POLICY}
    )


@router.get("/v1/data/samples")
async def samples(
    request: Request,
    served: State,
    inside: Looking,
    data: Annotated[str, Query(examples=["digits-5k"])] = data_sets.DEFAULT,
    count: Annotated[int, Query(ge=1, le=MOST_SAMPLES)] = 24,
    seed: Annotated[int, Query(ge=0, le=2**31)] = 0,
) -> Samples:
    """Pictures of a data set's validation split, as a seed draws them."""
    return await inside.turns.take(request, _samples, served, data, count, seed)


@cache
def _entries() -> dict[str, dict[str, Any]]:
    """``networks/atlas.json``, whose package is not imported: that would take torch."""
    text = files("convatlas").joinpath("networks", "atlas.json").read_text("utf-8")
    return {entry["name"]: entry for entry in json.loads(text)}


def _entry(name: str) -> dict[str, Any]:
    try:
        return _entries()[name]
    except KeyError:
        hint = "/v1/networks lists them"
        raise UnknownName("network", name, _entries(), hint) from None


def _listed(entry: dict[str, Any], served: Served) -> Listed:
    own = [
        one.to_json()
        for one in served.subjects.values()
        if one.info is not None and one.info.network["name"] == entry["name"]
    ]
    measured = [
        RunAccuracy(run=one["id"], data=one["data"], **one["accuracy"])
        for one in own
        if one["accuracy"] is not None
    ]
    best = max(measured, key=lambda one: one.value, default=None)
    return Listed(**entry, runs=[one["id"] for one in own], accuracy=best)


def _structure(inside: Inside, name: str) -> Structure:
    return structure_of(inside.opened.table((UNTRAINED + name, None, 0)))


@lru_cache(64)
def _diagram(inside: Inside, name: str, title: str) -> str:
    from convatlas.anatomy.diagram import draw

    return draw(inside.opened.table((UNTRAINED + name, None, 0)), title)


@lru_cache(64)
def _samples(served: Served, data: str, count: int, seed: int) -> Samples:
    import torch

    found = data_sets.opened(data, served.settings.data_dir)
    split, names = found.validation, found.labels.names
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.randperm(len(split), generator=generator)[:count].tolist()
    return Samples(
        samples=[
            Sample(
                png=as_data_uri(split.images[i].numpy()),
                label=names[int(split.labels[i])],
            )
            for i in chosen
        ]
    )
