"""What may be trained over HTTP: small networks, data sets at hand, not for ever."""

import json
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from convatlas.serve.faults import Fault

MOST_MACS = 600_000_000  # for one picture, at the published size
MOST_EPOCHS = 50

Probability = Annotated[float, Field(ge=0, le=1)]


class Order(BaseModel):
    """A training that is asked for; what is left out is as the recipe has it."""

    model_config = ConfigDict(
        extra="forbid",
        allow_inf_nan=False,
        json_schema_extra={
            "examples": [
                {"network": "lenet5-tanh", "data": "digits-5k", "epochs": 5, "seed": 1}
            ]
        },
    )

    network: str = Field("lenet5-tanh", max_length=100)
    data: str = Field("digits-5k", max_length=100)
    epochs: float | None = Field(None, gt=0, le=MOST_EPOCHS)
    seed: int = Field(0, ge=0, lt=2**31)
    lr: float | None = Field(None, gt=0, le=100)
    batch_size: int | None = Field(None, ge=1, le=4096)
    optimizer: Literal["sgd", "adam", "adamw", "muon"] | None = None
    schedule: Literal["constant", "step", "cosine", "one-cycle"] | None = None
    weight_decay: Probability | None = None
    init: Literal["paper", "xavier", "kaiming", "pytorch"] | None = None

    def flags(self) -> list[str]:
        """Of ``convatlas train``, without network, data and seed."""
        given = self.model_dump(exclude={"network", "data", "seed"}, exclude_none=True)
        return [f"--{name.replace('_', '-')}={value}" for name, value in given.items()]


def check(order: Order, data: list[str]) -> None:
    """Whether a training is on offer.

    Args:
        order: asked for.
        data: sets that are at hand.

    Raises:
        Fault: 422, it is not; what is, is named.
    """
    for name, value, known in (
        ("network", order.network, networks()),
        ("data", order.data, data),
    ):
        if value not in known:
            raise Fault(
                422,
                "not_on_offer",
                f"{name} = {value!r} cannot be trained here; there are "
                f"{', '.join(known)}",
            )


@cache
def networks() -> list[str]:
    """The networks for classes that a plain machine trains while one watches."""
    text = files("convatlas").joinpath("networks", "atlas.json").read_text("utf-8")
    return [
        entry["name"]
        for entry in json.loads(text)
        if entry["answers"] == "class" and entry["macs"] <= MOST_MACS
    ]
