"""Pictures and labels: catalogue, readers, pre-processing and augmentation.

``location`` and ``reading_ahead`` work without torch, so the catalogue is imported when
it is first used.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from convatlas.data.catalogue import load

__all__ = ["load"]


def __getattr__(name: str) -> Any:
    if name != "load":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from convatlas.data.catalogue import load

    return load
