"""The names of a run's files, for whoever looks for one without torch."""

INFO = "run.json"
HISTORY = "history.csv"
WEIGHTS = "best.safetensors"
CHECKPOINT = "last.ckpt"
MODEL = "model.onnx"  # of ``convatlas export``
