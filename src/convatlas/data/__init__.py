"""Pictures and labels: catalogue, readers, pre-processing and augmentation."""

from convatlas.data.catalogue import load

__all__ = ["load"]
