"""Forward, loss and backward of a batch as one compiled graph.

On a processor this has not paid so far: a step of lenet5-tanh or resnet-mini at batch
256 took as long as uncompiled (one thread of a busy Xeon with AMX, processor time,
medians of 55), after 16 to 30 seconds of compiling. As one graph nevertheless, since
forward and backward compiled on their own, as ``torch.compile(network)`` does it, made
resnet-mini slower (22 to 40 ms at batch 128, fastest of 40 steps, same machine).
"""

from dataclasses import replace
from types import FunctionType, MethodType
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad

from convatlas.recipe import Recipe
from convatlas.training.examples import Examples
from convatlas.training.gradients import Gradients
from convatlas.training.group import Runner
from convatlas.training.losses import loss_and_answers
from convatlas.training.speed.execution import Execution
from convatlas.training.tasks import Weighing

MOST_SHAPES = 4  # of batches that are worth a graph of their own


class CompiledGradients(Gradients):
    """As ``Gradients``, within rounding; for one process. Dropout drops others, which
    depend on torch's random state as well.

    The first call of each shape takes long: it compiles. A batch that is smaller than
    the recipe's, as the last one of an epoch, is not compiled, so nothing is compiled
    twice. The network keeps its parameters and their names.

    Raises:
        Exception: of the first call, whatever the compiler says; nothing was changed
            then.
    """

    def __init__(self, runner: Runner, recipe: Recipe, execution: Execution) -> None:
        # torch's compiler finds its own kernels
        super().__init__(
            runner,
            recipe,
            replace(execution, kernels=False, winograd=False, native=False),
        )
        network = runner.network
        self._batch_size = recipe.batch_size
        self._asked = _Asked(network, self._weighing)
        self._trained = {
            f"network.{name}": p
            for name, p in network.named_parameters()
            if p.requires_grad
        }
        self._values = {name: p.detach() for name, p in self._trained.items()}
        self._buffers = {f"network.{name}": b for name, b in network.named_buffers()}
        self._shapes: set[torch.Size] = set()
        on_gpu = next(network.parameters()).device.type == "cuda"
        options: dict[str, Any] = {"triton.cudagraphs": True} if on_gpu else {}
        self._in_place = on_gpu  # the graph writes every result to the same place
        self._compiled = torch.compile(
            _own_code(cast(MethodType, self._gradients)),
            fullgraph=True,
            dynamic=False,
            options=options,
        )

    def add(
        self, images: Tensor, batch: Examples, scale: float, weights: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        known = images.shape in self._shapes
        if len(images) < self._batch_size or not (
            known or len(self._shapes) < MOST_SHAPES
        ):
            return super().add(images, batch, scale, weights)
        if self._in_place:
            torch.compiler.cudagraph_mark_step_begin()  # type: ignore[no-untyped-call]
        gradients, buffers, loss, answers = self._compiled(
            self._values,
            self._buffers,
            images,
            batch.labels,
            batch.boxes,
            batch.told,
            batch,
            weights,
        )
        self._shapes.add(images.shape)
        for name, buffer in self._buffers.items():
            buffer.copy_(buffers[name])
        for name, parameter in self._trained.items():
            gradient = gradients[name]
            if scale != 1:
                gradient = gradient * scale
            elif self._in_place:
                gradient = gradient.clone()
            if parameter.grad is None:
                parameter.grad = gradient
            else:
                parameter.grad += gradient
        return loss, answers

    def _gradients(
        self,
        values: dict[str, Tensor],
        buffers: dict[str, Tensor],
        images: Tensor,
        labels: Tensor,
        boxes: Tensor | None,
        told: Tensor | None,
        batch: Examples,
        weights: Tensor | None,
    ) -> tuple[dict[str, Tensor], dict[str, Tensor], Tensor, Tensor]:
        def loss_of(values: dict[str, Tensor]) -> tuple[Tensor, Any]:
            # norms change theirs in place, which a function that is differentiated
            # must not do to what it was given
            new = {name: buffer.clone() for name, buffer in buffers.items()}
            with torch.autocast(
                images.device.type, torch.bfloat16, self.execution.precision == "bf16"
            ):
                known = Examples(
                    images, labels, batch.classes, batch.task, boxes, told=told
                )
                loss, answers = functional_call(
                    self._asked, {**values, **new}, (images, known, weights)
                )
            return loss, (new, loss, answers)

        gradients, (new, loss, answers) = grad(loss_of, has_aux=True)(values)
        return gradients, new, loss, answers


class _Asked(nn.Module):
    """A network that answers with its loss."""

    def __init__(self, network: nn.Module, weighing: Weighing) -> None:
        super().__init__()
        self.network = network
        self._weighing = weighing

    def forward(
        self, images: Tensor, batch: Examples, weights: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        weighing = replace(self._weighing, classes=weights)
        return loss_and_answers(self.network, images, batch, weighing)


def _own_code(method: MethodType) -> MethodType:
    """The same method with a code object of its own.

    torch counts recompilations by code object: a process that trains one network after
    the other would reach its limit.
    """
    function = cast(FunctionType, method.__func__)
    return MethodType(
        FunctionType(
            function.__code__.replace(),
            function.__globals__,
            function.__name__,
            function.__defaults__,
            function.__closure__,
        ),
        method.__self__,
    )
