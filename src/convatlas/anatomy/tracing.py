"""The layer table of any ``nn.Module``, without weights being copied or touched."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from convatlas.anatomy.axis import Axis, Reach, pixels
from convatlas.anatomy.fitting import explained
from convatlas.anatomy.meta import tensors_in
from convatlas.anatomy.table import Field, Row, Sees, Table
from convatlas.anatomy.undisturbed import undisturbed
from convatlas.anatomy.watching import Draft, Functions, Watch
from convatlas.anatomy.wording import of_row
from convatlas.errors import NetworkError

ATOMS = (nn.MultiheadAttention, nn.RNNBase, nn.RNNCellBase)


def trace(network: nn.Module, input: tuple[int, ...]) -> Table:
    """Every call of every layer, with shapes, costs and receptive fields.

    The forward runs on shapes alone (on the ``meta`` device), in evaluation mode; a
    network whose course depends on numbers is run with random ones. Nothing about the
    network is changed: modes, attributes, buffers and the random state come back.

    Receptive fields are exact through branches, skips, dilation, up-sampling and
    slices (the union over all paths). Statistics that a normalisation takes over the
    picture are not counted, as everywhere in the literature.

    Args:
        network: any module that takes one picture tensor; tuples, lists and dicts of
            tensors may come out.
        input: (channels, height, width) of one picture.

    Raises:
        InputSizeError: the size does not fit; the message names the layer, what
            arrived and sizes that would do.
        NetworkError: the forward fails for another reason.
    """
    network = getattr(network, "_orig_mod", network)  # what torch.compile wraps
    if not input or min(input) < 1:
        raise NetworkError(
            f"input {'×'.join(map(str, input))}: each of channels, height and width "
            "must be at least 1"
        )
    _refuse_the_unreadable(network)
    try:
        watch, ends = _watched(network, input, real=False)
    except _Failed as failure:
        if not failure.needs_numbers:
            raise explained(failure.error, failure.watch, network, input) from None
        try:
            watch, ends = _watched(network, input, real=True)
        except _Failed as again:
            raise explained(again.error, again.watch, network, input) from None
    return _table(watch, network, input, ends)


def _refuse_the_unreadable(network: nn.Module) -> None:
    for name, module in network.named_modules():
        if not isinstance(module, torch.jit.ScriptModule):
            continue
        try:  # what torch.jit.trace made takes hooks, what script made does not
            module.register_forward_pre_hook(lambda *_: None).remove()
        except RuntimeError:
            raise NetworkError(
                f"{name or 'the network'} was compiled by torch.jit.script and cannot "
                "be looked into; trace the module that it was made from"
            ) from None
    for name, parameter in network.named_parameters():
        if isinstance(parameter, nn.parameter.UninitializedParameter):
            raise NetworkError(
                f"{name} has no size yet (a lazy layer); call the network once with "
                "a picture, then trace it"
            )


class _Failed(Exception):
    def __init__(self, error: Exception, watch: Watch) -> None:
        self.error = error
        self.watch = watch

    @property
    def needs_numbers(self) -> bool:
        """Whether it failed only because there are none on the ``meta`` device."""
        text = str(self.error).lower()
        return isinstance(self.error, NotImplementedError) or "meta" in text


def _watched(
    network: nn.Module, input: tuple[int, ...], real: bool
) -> tuple[Watch, frozenset[int]]:
    """One forward under a watch; the rows its results come from."""
    first = next((p for p in network.parameters() if p.is_floating_point()), None)
    watch = Watch(network, len(input) - 1, real)
    with undisturbed(network, buffers=real):
        handles = _hooked(network, watch)
        try:
            images = torch.zeros(
                (1, *input),
                dtype=torch.float32 if first is None else first.dtype,
                device="meta" if not real else "cpu" if first is None else first.device,
            )
            if real:
                images.uniform_()
            watch.introduce(images, tuple(pixels(2 + i) for i in range(len(input) - 1)))
            with watch, Functions(watch):
                result = network(images)
        except Exception as error:
            raise _Failed(error, watch) from None
        finally:
            for handle in handles:
                handle.remove()
    return watch, frozenset().union(
        *(watch.known(t).makers for t in tensors_in((result,)))
    )


def _hooked(network: nn.Module, watch: Watch) -> list[Any]:
    """A row is opened before each module's forward and closed after it."""
    handles = []
    for name, module, owns in modules_in(network):
        before, after = _hooks(watch, name, owns)
        handles.append(module.register_forward_pre_hook(before, with_kwargs=True))
        handles.append(module.register_forward_hook(after))
    return handles


def modules_in(network: nn.Module) -> Iterator[tuple[str, nn.Module, bool]]:
    """Every module by its path, and whether it is one row rather than a container."""
    for name, module in network.named_modules():
        owns = isinstance(module, ATOMS) or not any(True for _ in module.children())
        if module is network and not type(module).__module__.startswith("torch.nn"):
            owns = False
        yield name, module, owns


def _hooks(
    watch: Watch, name: str, owns: bool
) -> tuple[Callable[..., None], Callable[..., Any]]:
    def before(module: nn.Module, args: Any, kwargs: Any) -> None:
        draft = watch.open(name, module, owns)
        tensors = tensors_in((args, kwargs))
        draft.input = tuple(tensors[0].shape) if tensors else ()

    def after(module: nn.Module, args: Any, result: Any) -> Any:
        if owns and isinstance(result, Tensor) and any(result is a for a in args):
            result = result.view_as(result)  # so that it has a maker of its own
        watch.close(tensors_in((result,)))
        return result

    return before, after


def _table(
    watch: Watch, network: nn.Module, input: tuple[int, ...], ends: frozenset[int]
) -> Table:
    drafts = watch.drafts
    parents = {d.parent for i, d in enumerate(drafts) if _kept(d)}
    kept = [i for i, d in enumerate(drafts) if i and (_kept(d) or i in parents)]
    if drafts[0].owns:
        kept.insert(0, 0)
    total_parameters = [d.parameters for d in drafts]
    total_macs = [d.macs for d in drafts]
    for i in reversed(range(1, len(drafts))):
        total_parameters[drafts[i].parent] += total_parameters[i]
        total_macs[drafts[i].parent] += total_macs[i]
    calls: dict[str, int] = {}
    rows = []
    for i in kept:
        draft = drafts[i]
        calls[draft.name] = calls.get(draft.name, 0) + 1
        leaf = i not in parents
        rows.append(
            _row(draft, input, leaf, calls[draft.name])
            | {"total_parameters": total_parameters[i], "total_macs": total_macs[i]}
        )
    finished = [Row(**values) for values in rows]
    leaves = sum(row.activation_bytes for row in finished if row.leaf)
    finished += _not_called(network, watch.counted)
    place = {old: new for new, old in enumerate(kept)} | {-1: -1}
    parameters = {id(p): p for p in network.parameters()}.values()
    return Table(
        input=tuple(input),
        rows=tuple(finished),
        parameters=sum(p.numel() for p in parameters),
        macs=total_macs[0],
        name=type(network).__name__,
        edges=tuple((place[a], place[b]) for a, b in watch.edges),
        ends=tuple(sorted(place[e] for e in ends)),
        activation_bytes=leaves,
        parameter_bytes=sum(p.numel() * p.element_size() for p in parameters),
    )


def _kept(draft: Draft) -> bool:
    return draft.module is not None or draft.computed > 0


def _row(draft: Draft, input: tuple[int, ...], leaf: bool, call: int) -> dict[str, Any]:
    function = draft.name.rpartition(".")[2].removesuffix("()")
    if leaf:
        kind, text = of_row(draft.module, function, draft.wordings, draft.computed)
    else:
        kind, text = "container", type(draft.module).__name__
    field, sees = field_of(draft.reach, input)
    outputs = tuple(_of_one(shape) for shape in draft.outputs)
    return {
        "name": draft.name,
        "operation": text,
        "output": outputs[0] if outputs else (),
        "parameters": draft.parameters,
        "macs": draft.macs,
        "activation_bytes": draft.output_bytes,
        "field": field,
        "depth": max(draft.depth, 0),
        "leaf": leaf,
        "kind": kind,
        "sees": sees,
        "input": _of_one(draft.input),
        "outputs": outputs,
        "call": call,
        "reach": draft.reach,
        "order": draft.order,
    }


def _of_one(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Without the dimension of the batch, which is one."""
    return shape[1:] if shape[:1] == (1,) else shape


def field_of(reach: Reach, input: tuple[int, ...]) -> tuple[Field | None, Sees]:
    """The receptive field of a unit on an input of two spatial axes."""
    if len(reach) != 2:
        return None, "unknown"
    if all(axis.blind for axis in reach):
        return None, "nothing"
    if any(axis.unknown and not axis.most for axis in reach):
        return None, "unknown"
    known = [_whole(axis, size) for axis, size in zip(reach, input[1:], strict=True)]
    if all(axis is None for axis in known):
        return None, "all"
    sizes, strides, offsets = [], [], []
    for axis, extent in zip(known, input[1:], strict=True):
        sizes.append(extent if axis is None else axis.size)
        strides.append(0 if axis is None or axis.count else axis.rate)
        offsets.append(axis.span(0)[0] if axis and axis.first else 0)
    plain = [int(s) if s == int(s) else float(s) for s in strides]
    return (
        Field((sizes[0], sizes[1]), (plain[0], plain[1]), (offsets[0], offsets[1])),
        "patch",
    )


def _whole(axis: Axis, extent: int) -> Axis | None:
    """The axis, or None where each unit sees all of it."""
    if axis.everything or axis.blind:
        return None
    if (
        axis.first
        and not axis.dims
        and axis.span(0)[0] <= 0
        and axis.span(0)[1] >= extent - 1
    ):
        return None
    return axis


def _not_called(network: nn.Module, counted: set[int]) -> list[Row]:
    """Modules with parameters which the forward never read, outermost first."""
    left = {n: p for n, p in network.named_parameters() if id(p) not in counted}
    rows: list[Row] = []
    if not left:
        return rows
    for name, module in network.named_modules():
        own = {f"{name}.{n}" if name else n: p for n, p in module.named_parameters()}
        if own and name and all(n in left for n in own):
            rows.append(_silent_row(name, sum(left.pop(n).numel() for n in own)))
    return rows + [_silent_row(name, p.numel()) for name, p in left.items()]


def _silent_row(name: str, parameters: int) -> Row:
    return Row(
        name=name,
        operation="(not called)",
        output=(),
        parameters=parameters,
        macs=0,
        activation_bytes=0,
        field=None,
        depth=name.count("."),
        leaf=True,
        sees="nothing",
        total_parameters=parameters,
        called=False,
    )
