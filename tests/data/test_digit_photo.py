import subprocess
import sys

import torch

from convatlas import digit_photo
from convatlas.data import load
from convatlas.data.digit_photo import as_mnist, is_mnist


def test_tensors_become_what_arrays_become() -> None:
    for image in load().validation.images[:5]:
        picture = image[0].repeat_interleave(3, 0).repeat_interleave(3, 1)
        made = as_mnist(picture)
        assert made.shape == (1, 28, 28) and made.dtype == torch.uint8
        assert made[0].tolist() == digit_photo.as_mnist(picture.numpy()).tolist()
        assert is_mnist(image[0]) and not is_mnist(picture)


def test_the_result_is_no_view_of_the_picture() -> None:
    image = load().validation.images[0, 0].clone()
    made = as_mnist(image)
    image.zero_()
    assert int(made.max()) > 0


def test_arrays_need_no_torch() -> None:
    program = "import sys, convatlas.digit_photo; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)
