"""An operation that torch has dispatched, told by its schema."""

from collections.abc import Callable
from typing import Any

from torch import Tensor

from convatlas.anatomy.axis import Reach
from convatlas.anatomy.call import Call
from convatlas.anatomy.meta import named_arguments, tensors_in


def dispatched(
    func: Any,
    args: Any,
    kwargs: dict[str, Any],
    result: Any,
    reach: Callable[[Tensor], Reach],
) -> Call:
    """An operation that torch has dispatched.

    Args:
        func: the overload; one that works in place has the name of the other form.
        args: what it was called with.
        kwargs: likewise.
        result: what it returned.
        reach: what is known about a tensor.
    """
    schema = func._schema
    name = schema.name.partition("::")[2]
    name = name.removesuffix("_") if schema.is_mutable else name
    arguments = named_arguments(schema, args, kwargs)
    return Call(name, arguments, tuple(tensors_in((result,))), reach)


def written_views(func: Any, call: Call) -> list[tuple[Tensor, Tensor]]:
    """Views that an operation wrote into, each with the tensor that it is a part of."""
    written = [
        call[argument.name]
        for argument in func._schema.arguments
        if argument.alias_info is not None and argument.alias_info.is_write
    ]
    bases = [(view, view._base) for view in written if isinstance(view, Tensor)]
    return [(view, base) for view, base in bases if base is not None]
