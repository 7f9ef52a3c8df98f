"""Pictures and labels: catalogue, readers, pre-processing and augmentation."""
