"""The model that is served: the LeNet-5 of the package."""

from pathlib import Path

MODEL = Path(__file__).parents[2] / "src/convatlas/shipped/lenet5/model.onnx"
NAMES = tuple(map(str, range(10)))
