"""ONNX Runtime, kept from telling its maker what it is used for.

Its builds write a number for the machine into the user's cache folder and send events
about every model, unless a variable is set before they are loaded (``Privacy.md`` in
the package ``onnxruntime``). Whoever wants that sets ``ORT_DISABLE_TELEMETRY=0``.
"""

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

ONLY_FATAL = 4  # of its log levels


def load() -> Any:
    """The library; called before anything else of it is imported."""
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    return onnxruntime


def session(model: str | bytes, threads: int = 0) -> "InferenceSession":
    """A model ready to answer, on the processor; quiet unless nothing goes on.

    Args:
        model: path of a file, or its content.
        threads: that one call may use; 0 takes all cores.

    Raises:
        Exception: it cannot be run; of a dozen kinds, none a subclass of another.
    """
    library = load()
    options = library.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = ONLY_FATAL
    return library.InferenceSession(model, options, providers=["CPUExecutionProvider"])
