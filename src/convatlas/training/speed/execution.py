"""How the arithmetic of a step is carried out."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, Self

import torch
from torch import Tensor

from convatlas.recipe import Recipe
from convatlas.training.speed.kernels import FasterKernels
from convatlas.training.speed.memory import keep_freed_memory

Precision = Literal["float32", "bf16"]


@dataclass(frozen=True)
class Execution:
    """What a machine may choose about a training: its results differ by rounding alone
    (by more in bf16).

    Attributes:
        precision: of the network's products; loss and weights are float32.
        channels_last: whether the channels of a pixel lie side by side in memory.
        threads: of the processor; None leaves torch's number.
        kernels: whether ``FasterKernels`` replace some of torch's on a processor.
        winograd: whether convolutions of many channels take Winograd's way there.
        native: whether max pooling is code compiled for this processor.
        compiled: whether a batch's gradients are one compiled graph.
        keep_memory: whether freed memory stays with the process; cannot be undone.
        tf32: whether CUDA multiplies float32 with 10 bits of mantissa; ``"torch"`` is
            what torch does: in convolutions, not in matrix products.
    """

    precision: Precision = "float32"
    channels_last: bool = True
    threads: int | None = None
    kernels: bool = False
    winograd: bool = False
    native: bool = False
    compiled: bool = False
    keep_memory: bool = False
    tf32: Literal["on", "off", "torch"] = "torch"

    @classmethod
    def of(cls, recipe: Recipe) -> Self:
        """What a recipe says, without asking the machine about what it leaves open."""
        return cls(
            precision="bf16" if recipe.precision == "bf16" else "float32",
            channels_last=recipe.channels_last != "off",
            threads=None if recipe.threads == "auto" else recipe.threads,
            kernels=recipe.kernels == "on",
            winograd=recipe.winograd == "on",
            native=recipe.native == "on",
            compiled=recipe.compile == "on",
            keep_memory=recipe.keep_memory == "on",
            tf32="torch" if recipe.tf32 == "auto" else recipe.tf32,
        )

    @property
    def memory_format(self) -> torch.memory_format:
        """Of pictures, feature maps and convolutions' weights."""
        return torch.channels_last if self.channels_last else torch.contiguous_format

    def laid_out(self, images: Tensor) -> Tensor:
        """Pictures in ``memory_format``, also where the network's weights are not.

        Those of one channel are in both formats at once; the first convolution, and so
        all after it, goes by their strides.
        """
        images = images.contiguous(memory_format=self.memory_format)
        if not self.channels_last or images.shape[1] > 1:
            return images
        height, width = images.shape[2:]
        return images.as_strided(images.shape, (height * width, 1, width, 1))

    @contextmanager
    def on_this_machine(self, device: torch.device) -> Iterator[None]:
        """Threads and switches inside; all but ``keep_memory`` as before after."""
        threads = torch.get_num_threads()
        products: Any = torch.backends.cuda.matmul
        convolutions: Any = torch.backends.cudnn.conv  # type: ignore[attr-defined]
        before = products.fp32_precision, convolutions.fp32_precision
        searching = torch.backends.cudnn.benchmark
        if self.threads is not None:
            torch.set_num_threads(self.threads)
        if self.keep_memory and device.type == "cpu":
            keep_freed_memory()
        if device.type == "cuda":
            torch.backends.cudnn.benchmark = True
            if self.tf32 != "torch":
                kind = "tf32" if self.tf32 == "on" else "ieee"
                products.fp32_precision = convolutions.fp32_precision = kind
        try:
            yield
        finally:
            torch.set_num_threads(threads)
            torch.backends.cudnn.benchmark = searching
            products.fp32_precision, convolutions.fp32_precision = before

    def faster_kernels(self, device: torch.device) -> FasterKernels | None:
        """For the passes of one network with pictures of one size, if there are any."""
        wanted = self.kernels or self.winograd or self.native
        if device.type != "cpu" or not wanted:
            return None
        return FasterKernels(self.kernels, self.winograd, self.native)

    @contextmanager
    def of_forward(
        self, device: torch.device, kernels: FasterKernels | None = None
    ) -> Iterator[None]:
        """Around a network's forward pass and the loss.

        Args:
            device: where the pictures are.
            kernels: to use, of ``faster_kernels``.
        """
        with ExitStack() as stack:
            if self.precision == "bf16":
                stack.enter_context(torch.autocast(device.type, torch.bfloat16))
            if kernels is not None:
                stack.enter_context(kernels)
            yield

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Self:
        """The inverse of ``to_json``; names that it does not know are passed over."""
        return cls(**{f.name: plain[f.name] for f in fields(cls) if f.name in plain})
