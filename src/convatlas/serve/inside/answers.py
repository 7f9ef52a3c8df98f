"""What the routes answer with where it is JSON."""

from pydantic import BaseModel, ConfigDict


class Sentence(BaseModel):
    """A sentence in English and in Chinese."""

    en: str
    zh: str


class Term(BaseModel):
    """What one channel of the layer before contributes; see ``looking.arithmetic``."""

    channel: int
    rows: list[int]
    columns: list[int]
    patch: list[list[float | None]]
    kernel: list[list[float]] | None
    sum: float | None
    source: str | None


class Arithmetic(BaseModel):
    """How one value came about; what an operation does not have is null."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "layer": "features.conv1",
                    "operation": "conv 1→6 k5 p2",
                    "unit": [0, 14, 14],
                    "value": 0.73,
                    "kind": "conv",
                    "total": 0.73,
                    "terms": [
                        {
                            "channel": 0,
                            "rows": [12],
                            "columns": [12],
                            "patch": [[0.9]],
                            "kernel": [[0.7]],
                            "sum": 0.63,
                            "source": "input",
                        }
                    ],
                    "others": None,
                    "left_out": 0,
                    "bias": 0.1,
                    "formula": {
                        "en": "0.73 = Σ 25 products + bias 0.1",
                        "zh": "0.73 = Σ 25 个乘积 + 偏置 0.1",
                    },
                    "region": [12, 12, 16, 16],
                    "source": "input",
                    "text": {
                        "en": "Σ 25 products and the bias",
                        "zh": "25 个乘积与偏置之和",
                    },
                }
            ]
        }
    )

    layer: str
    operation: str
    unit: list[int]
    value: float | None
    kind: str
    total: float | None
    terms: list[Term]
    others: float | None
    left_out: int
    bias: float | None
    formula: Sentence
    region: list[int] | None
    source: str | None
    text: Sentence


class Seen(BaseModel):
    """What a unit depends on: (top, left, bottom, right), the last ones included."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "input": [0, 0, 5, 5],
                    "maps": {"features.conv1": [0, 0, 3, 3]},
                }
            ]
        }
    )

    input: list[int] | None
    maps: dict[str, list[int]]
