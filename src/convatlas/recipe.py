"""A recipe: everything about a training but the network, the data and the seed.

One flat name per value, the same in a TOML file, in the environment
(``CONVATLAS_BATCH_SIZE``) and on the command line (``--batch-size``).
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from convatlas.errors import RecipeError, close_matches


class Recipe(BaseModel):
    """How to train. Frozen; ``changed`` gives a copy with other values."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    # duration
    epochs: float = Field(10, gt=0, description="passes over the training split")
    batch_size: int = Field(128, ge=1, description="pictures per batch")
    accumulate: int = Field(1, ge=1, description="batches per optimizer step")
    early_stopping: int = Field(
        0, ge=0, description="epochs without a better validation accuracy; 0: off"
    )

    keep: Literal["best", "last"] = Field(
        "best",
        description="the weights that stay: of the epoch that validates best, or of "
        "the last one, where few validation pictures make the best one chance",
    )

    # optimizer
    optimizer: Literal["sgd", "adam", "adamw", "muon"] = Field(
        "adamw",
        description="rule; 'muon' makes the steps of matrices orthogonal, the rest is "
        "adamw's",
    )
    lr: float = Field(2e-3, gt=0, description="learning rate (its peak)")
    momentum: float = Field(0.9, ge=0, lt=1, description="of sgd and muon")
    nesterov: bool = Field(False, description="Nesterov momentum of sgd")
    beta1: float = Field(0.9, ge=0, lt=1, description="of adam, adamw, muon")
    beta2: float = Field(0.999, ge=0, lt=1, description="of adam, adamw, muon")
    weight_decay: float = Field(
        0.0,
        ge=0,
        description="L2 penalty (sgd, adam) or decoupled decay (adamw, muon); never on "
        "biases and norms",
    )
    l1: float = Field(0.0, ge=0, description="L1 penalty on the same weights")
    clip: float = Field(0.0, ge=0, description="largest gradient norm; 0: off")
    ema: float = Field(
        0.0, ge=0, lt=1, description="decay per step of averaged weights; 0: off"
    )

    # schedule
    schedule: Literal["constant", "step", "cosine", "one-cycle"] = Field(
        "one-cycle", description="course of the learning rate"
    )
    warmup: float = Field(
        0.0,
        ge=0,
        le=1,
        description="share of the training in which the rate rises linearly "
        "(one-cycle: 0 stands for .3)",
    )
    step_every: float = Field(
        0.0, ge=0, description="epochs between the steps of 'step'"
    )
    step_factor: float = Field(0.1, gt=0, le=1, description="of each step")

    # loss
    label_smoothing: float = Field(0.0, ge=0, lt=1, description="of cross-entropy")
    class_weights: Literal["none", "balanced"] = Field(
        "none", description="'balanced' weighs a class by its rarity"
    )

    teacher: str = Field(
        "",
        description="a finished run whose answers are learned from too, or several "
        "with commas between",
    )
    teacher_share: float = Field(
        0.7, gt=0, le=1, description="of the loss, against the teachers' answers"
    )

    # initialisation and arithmetic
    init: Literal["paper", "xavier", "kaiming", "pytorch"] = Field(
        "paper", description="'paper' is what the network's source says"
    )
    weights: str = Field(
        "",
        description="start from these: 'imagenet' (published, downloaded once) or a "
        "file; the last layer starts anew where the classes differ",
    )
    freeze: Literal["none", "features"] = Field(
        "none", description="'features' trains the head alone"
    )
    features_lr: float = Field(
        1.0,
        gt=0,
        le=1,
        description="learning rate of the features, share of the head's",
    )
    precision: Literal["float32", "bf16", "auto"] = Field(
        "float32",
        description="of a step; 'auto' measures and takes bf16 where the processor has "
        "it and it pays",
    )

    # speed: these change results by rounding alone; 'auto' is what fast says
    fast: Literal["auto", "off"] = Field(
        "auto",
        description="'auto' finds out what pays on this machine, 'off' takes the plain "
        "way in all that is left open below",
    )
    threads: Literal["auto"] | Annotated[int, Field(ge=1)] = Field(
        "auto", description="of the processor"
    )
    channels_last: Literal["on", "off", "auto"] = Field(
        "auto", description="channels of a pixel side by side in memory"
    )
    kernels: Literal["on", "off", "auto"] = Field(
        "auto", description="faster sums than torch's where a processor has them"
    )
    winograd: Literal["on", "off", "auto"] = Field(
        "auto",
        description="convolutions of many channels with fewer products, in float32; "
        "'auto' where the processor is known to gain by it, or is measured to",
    )
    native: Literal["on", "off", "auto"] = Field(
        "auto",
        description="max pooling in code that is compiled for this processor once, in "
        "half a second; the same numbers; needs g++ on Linux",
    )
    keep_memory: Literal["on", "off", "auto"] = Field(
        "auto", description="freed memory stays with the process, for the next step"
    )
    compile: Literal["on", "off", "auto"] = Field(
        "auto", description="a step's gradients as one compiled graph; needs g++"
    )
    tf32: Literal["on", "off", "auto"] = Field(
        "auto",
        description="on CUDA, products of float32 with a short mantissa; 'auto': in "
        "convolutions alone, as torch",
    )
    data_on: Literal["auto", "device", "host"] = Field(
        "auto",
        description="where the pictures lie: 'auto' takes the device if they fit",
    )

    # several processes
    sync_batch_norm: bool = Field(
        False, description="batch norms see the whole batch of all processes (torchrun)"
    )

    # smaller inputs first
    first_size: float = Field(
        1.0,
        gt=0,
        le=1,
        description="side of the pictures at the start, share of the network's input; "
        "1: off",
    )
    resize_until: float = Field(
        0.5, gt=0, le=1, description="share of the training with smaller pictures"
    )
    resize_stages: int = Field(
        1, ge=1, description="sizes from first_size on, in equal steps"
    )

    # augmentation, every picture its own random value
    shift: float = Field(0.0, ge=0, le=0.5, description="largest, as share of the side")
    rotation: float = Field(0.0, ge=0, le=180, description="largest, in degrees")
    scale: float = Field(0.0, ge=0, lt=1, description="largest change of size, share")
    shear: float = Field(0.0, ge=0, le=45, description="largest, in degrees")
    erasing: float = Field(
        0.0, ge=0, le=1, description="probability that a rectangle is blanked"
    )
    flip: bool = Field(False, description="left-right; data sets of digits refuse it")

    # pictures of house numbers
    view: Literal["whole", "number", "find", "tutorial"] = Field(
        "whole",
        description="what is shown of a street picture: all of it, random crops around "
        "its number, windows between the two, or what the tutorials show",
    )
    margin: float = Field(
        0.15,
        ge=0,
        le=2,
        description="of the crops that are judged, a side, share of the number's size",
    )
    empty: float = Field(
        0.0,
        ge=0,
        le=0.5,
        description="share of random crops that miss the number where there is room; "
        "their answer is that there is none",
    )
    light: float = Field(
        0.0,
        ge=0,
        le=1,
        description="change of colours, contrast, sharpness and noise, share of the "
        "view's usual",
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.nesterov and (self.optimizer != "sgd" or self.momentum == 0):
            raise ValueError("nesterov: needs optimizer = 'sgd' and a momentum above 0")
        if self.schedule == "step" and self.step_every == 0:
            raise ValueError("step_every: the schedule 'step' needs it, in epochs")
        if self.empty and self.view != "number":
            raise ValueError("empty: only view = 'number' has crops that can miss it")
        if self.weights and self.init != "paper":
            raise ValueError(
                f"init = {self.init!r} would overwrite weights = {self.weights!r}"
            )
        return self

    def changed(self, *, source: str = "recipe", **values: Any) -> Self:
        """A checked copy with some values replaced; ``source`` is for the error."""
        return type(self).checked({**self.model_dump(), **values}, source)

    @classmethod
    def checked(cls, values: dict[str, Any], source: str = "recipe") -> Self:
        """A recipe from plain values.

        Args:
            values: by name, as a TOML file gives them.
            source: where they come from, for the error.

        Raises:
            RecipeError: an unknown name (close ones are offered) or a bad value.
        """
        for name in values:
            if name not in cls.model_fields:
                close = close_matches(name.replace("-", "_"), cls.model_fields)
                hint = f"; did you mean {' or '.join(close)}?" if close else ""
                raise RecipeError(f"{source}: no value is called {name!r}{hint}")
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise RecipeError(f"{source}: {first_fault(error)}") from None


def first_fault(error: ValidationError) -> str:
    """The first of the faults that pydantic found, in one line."""
    detail, *others = error.errors()
    where, *which = (str(part) for part in detail["loc"]) if detail["loc"] else ("",)
    # a value that may be of several types has a fault for each
    faults = [
        detail,
        *(e for e in others if which and e["loc"][:1] == detail["loc"][:1]),
    ]
    messages = [e["msg"].removeprefix("Value error, ") for e in faults]
    if not where:
        return messages[0]
    said = " or ".join(f"{m[0].lower()}{m[1:]}" for m in messages)
    return f"{where} = {detail['input']!r}: {said}"
