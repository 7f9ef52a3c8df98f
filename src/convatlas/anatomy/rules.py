"""What units see after any operation: the rule of its name, or unit by unit."""

from convatlas.anatomy.axis import Reach
from convatlas.anatomy.call import Call
from convatlas.anatomy.mixing import MIXING_RULES
from convatlas.anatomy.views import VIEW_RULES, elementwise, mixed
from convatlas.anatomy.windows import WINDOW_RULES

RULES = {**WINDOW_RULES, **VIEW_RULES, **MIXING_RULES}


def seen_after(call: Call) -> list[Reach]:
    """The reach of each output.

    An operation without a rule counts as unit by unit if shapes broadcast to its
    output's, and as unknown otherwise.
    """
    if not call.outputs:
        return []
    rule = RULES.get(call.name)
    if rule is None:
        rule = elementwise if _broadcasts(call) else mixed
    found = rule(call)
    if isinstance(found, list):
        return found
    return [found] * len(call.outputs)


def _broadcasts(call: Call) -> bool:
    result = tuple(call.outputs[0].shape)
    for tensor in call.tensors():
        shape = tuple(tensor.shape)
        if len(shape) > len(result):
            return False
        pairs = zip(reversed(shape), reversed(result), strict=False)
        if any(a not in (1, b) for a, b in pairs):
            return False
    return True
