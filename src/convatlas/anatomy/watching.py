"""Watches a forward: which module calls which operation on what, and what it sees."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from convatlas.anatomy.axis import BLIND, Reach, blurred
from convatlas.anatomy.call import Call
from convatlas.anatomy.dispatched import dispatched, written_views
from convatlas.anatomy.macs import MACS
from convatlas.anatomy.meta import OnMeta, tensors_in
from convatlas.anatomy.rules import seen_after
from convatlas.anatomy.wording import Wording, of_call, plain_name

# operations that compute nothing: no row of their own
SILENT = frozenset(
    "clone contiguous _to_copy to detach alias _unsafe_view lift_fresh empty_like "
    "zeros_like ones_like full_like new_empty new_zeros new_ones new_full".split()
)


# products that count only where they depend on the input: else they are done once, as
# the norm of a weight is, and torch's counter leaves them out as well
PER_NETWORK = frozenset(("mv", "dot"))
# functions that only ask; the same, for speed
QUERIES = frozenset(
    "__get__ __set__ size dim stride numel element_size is_floating_point".split()
)


@dataclass
class Draft:
    """A row while it is being written; see ``table.Row``.

    Attributes:
        owns: whether operations belong to it: a leaf module, or a function that a
            container calls. A container leaves them to the rows inside.
        computed: operations that made something new of the input.
        order: see ``table.Row``.
    """

    name: str
    module: nn.Module | None
    parent: int
    depth: int
    owns: bool
    input: tuple[int, ...] = ()
    wordings: list[Wording] = field(default_factory=list)
    outputs: list[tuple[int, ...]] = field(default_factory=list)
    output_bytes: int = 0
    parameters: int = 0
    macs: int = 0
    computed: int = 0
    reach: Reach = ()
    order: int = -1


@dataclass(frozen=True)
class Known:
    """What is known about a tensor.

    Attributes:
        tensor: itself, held so that its id stays its own.
        reach: what its units see of the input.
        makers: rows that made it; -1 is the input, none: it does not depend on it.
        unread: parameters that it is a view of and that no row has counted yet.
    """

    tensor: Tensor
    reach: Reach
    makers: frozenset[int] = frozenset()
    unread: frozenset[int] = frozenset()


class Watch(OnMeta):  # type: ignore[no-untyped-call]
    """The operations of one forward, as drafts of rows.

    Args:
        network: its parameters are told from other tensors.
        axes: how many spatial axes the input has.
        real: compute with numbers.
    """

    def __init__(self, network: nn.Module, axes: int, real: bool = False) -> None:
        super().__init__(real)
        self.drafts: list[Draft] = []
        self.stack: list[int] = []
        self.edges: dict[tuple[int, int], None] = {}
        self.counted: set[int] = set()
        self._modules, self._functions = count(), count()
        self._blind: Reach = (BLIND,) * axes
        self._known: dict[int, Known] = {}
        self._sizes = {id(p): p.numel() for p in network.parameters()}

    def introduce(self, tensor: Tensor, reach: Reach) -> None:
        """The input."""
        self._known[id(tensor)] = Known(tensor, reach, frozenset({-1}))

    def known(self, tensor: Tensor) -> Known:
        """What is known about a tensor; of one never seen, that it is a constant."""
        found = self._known.get(id(tensor))
        if found is None:
            own = frozenset({id(tensor)} & self._sizes.keys())
            found = Known(tensor, self._blind, unread=own)
            self._known[id(tensor)] = found
        return found

    @property
    def top(self) -> Draft:
        """The innermost row that is open."""
        return self.drafts[self.stack[-1]]

    def open(
        self, name: str, module: nn.Module | None, owns: bool, numbered: bool = True
    ) -> Draft:
        """Begins a row inside the present one."""
        parent = self.stack[-1] if self.stack else -1
        depth = self.drafts[parent].depth + 1 if self.stack else -1
        draft = Draft(name, module, parent, depth, owns)
        if owns and numbered:
            draft.order = next(self._functions if module is None else self._modules)
        self.stack.append(len(self.drafts))
        self.drafts.append(draft)
        return draft

    def close(self, outputs: list[Tensor]) -> None:
        """Ends the present row."""
        draft = self.drafts[self.stack.pop()]
        draft.outputs = [tuple(t.shape) for t in outputs]
        draft.output_bytes = sum(t.numel() * t.element_size() for t in outputs)
        draft.reach = self.known(outputs[0]).reach if outputs else self._blind

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        result = self.compute(func, args, kwargs or {})
        call = dispatched(
            func, args, kwargs or {}, result, lambda t: self.known(t).reach
        )
        aliases = [r.alias_info for r in func._schema.returns]
        is_view = any(a is not None and not a.is_write for a in aliases)
        computes = bool(call.outputs) and not is_view and call.name not in SILENT
        self._note(call, computes)
        for view, base in written_views(func, call):
            self._write_through(view, base)
        return result

    def _note(self, call: Call, computes: bool) -> None:
        """Books an operation to the row that is open."""
        sources = [self.known(t) for t in call.tensors()]
        makers = frozenset[int]().union(*(k.makers for k in sources))
        unread = frozenset[int]().union(*(k.unread for k in sources)) - self.counted
        outside = not self.top.owns and computes and bool(makers)
        if outside:  # an operation that no function of torch stands for
            self.open(_inside(self.top, call.name), None, owns=True, numbered=False)
        draft, row = self.top, self.stack[-1]
        if call.name in MACS and (makers or call.name not in PER_NETWORK):
            draft.macs += MACS[call.name](call)
        if draft.owns and (draft.module is not None or (computes and makers)):
            draft.parameters += sum(self._sizes[p] for p in unread)
            self.counted |= unread
            unread = frozenset()
        before = makers
        if draft.owns and makers and (draft.module is not None or computes):
            self.edges |= {(maker, row): None for maker in makers if maker != row}
            makers = frozenset({row})
        if makers and computes:
            draft.computed += 1
            wording = of_call(call)
            draft.wordings += [wording] if wording else []
        reaches = seen_after(call) if before else [self._blind] * len(call.outputs)
        for output, reach in zip(call.outputs, reaches, strict=True):
            self._known[id(output)] = Known(output, reach, makers, unread)
        if outside:
            self.close(list(call.outputs))

    def _write_through(self, view: Tensor, base: Tensor) -> None:
        """What was written into a view is in the whole tensor too."""
        part, whole = self.known(view), self.known(base)
        reach = part.reach
        if whole.makers or view.ndim != base.ndim:
            reach = tuple(blurred(a, base.ndim) for a in part.reach)
        makers = part.makers | (whole.makers if not part.makers else frozenset())
        self._known[id(base)] = Known(base, reach, makers, whole.unread)


class Functions(TorchFunctionMode):
    """Gives each function that a container calls a row of its own."""

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self._watch = watch

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        watch = self._watch
        name = getattr(func, "__name__", type(func).__name__)
        if name in QUERIES or not watch.stack or watch.top.owns:
            return func(*args, **(kwargs or {}))
        name = plain_name(name)
        draft = watch.open(_inside(watch.top, name), None, owns=True)
        tensors = tensors_in(args)
        draft.input = tuple(tensors[0].shape) if tensors else ()
        result = func(*args, **(kwargs or {}))
        watch.close(tensors_in((result,)))
        return result


def _inside(draft: Draft, function: str) -> str:
    return f"{draft.name}.{function}()" if draft.name else f"{function}()"
