"""LitServe with the same model: its batching, its fast queue, ONNX Runtime.

It takes JSON or forms, not a picture as a body: JSON with the picture in base 64.
"""

import base64
import io
import sys

import litserve
import numpy as np
import onnxruntime
from PIL import Image

from benchmarks.serving.model import MODEL, NAMES

MOST_AT_ONCE, WAIT_SECONDS = 64, 0.002


class Digits(litserve.LitAPI):
    """PNG of a centred digit to the probability of each class."""

    def setup(self, device: str) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(MODEL, options)

    def decode_request(self, request: dict[str, str]) -> np.ndarray:
        content = base64.b64decode(request["picture"])
        return np.asarray(Image.open(io.BytesIO(content)).convert("L"))[None]

    def batch(self, inputs: list[np.ndarray]) -> np.ndarray:
        return np.stack(inputs)

    def predict(self, x: np.ndarray) -> np.ndarray:
        logits = self.session.run(None, {"images": x})[0]
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        return shares / shares.sum(axis=1, keepdims=True)

    def unbatch(self, output: np.ndarray) -> list[np.ndarray]:
        return list(output)

    def encode_response(self, output: np.ndarray) -> dict[str, list[dict[str, object]]]:
        values = output.tolist()
        best = np.argsort(-output).tolist()
        return {
            "answers": [{"class": NAMES[i], "probability": values[i]} for i in best]
        }


if __name__ == "__main__":
    api = Digits(max_batch_size=MOST_AT_ONCE, batch_timeout=WAIT_SECONDS)
    server = litserve.LitServer(api, accelerator="cpu", fast_queue=True)
    server.run(port=int(sys.argv[1]), log_level="warning", generate_client_file=False)
