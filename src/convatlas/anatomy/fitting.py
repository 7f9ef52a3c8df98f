"""Why a forward failed, and input sizes that would do."""

from torch import nn

from convatlas.anatomy.watching import Watch
from convatlas.errors import NetworkError


def explained(
    error: Exception, watch: Watch, network: nn.Module, input: tuple[int, ...]
) -> NetworkError:
    """The fault in one line: the layer, what arrived, what would do."""
    where = watch.top.name if watch.stack else ""
    return NetworkError(f"{where}: {type(error).__name__}: {error}")
