"""AlexNet.

Sources: Krizhevsky, Sutskever & Hinton, "ImageNet Classification with Deep
Convolutional Neural Networks", NIPS 2012, sections 3 to 5 and figure 2; Krizhevsky,
"One weird trick for parallelizing convolutional neural networks", arXiv:1404.5997
(2014), in the form of torchvision's ``alexnet``. The two differ by 0.2 % in parameters,
and in widths, groups and normalisation.

Input 3×224×224, 1000 classes. The layers of 2012 that see half of the maps (on one of
two graphics cards) are convolutions with two groups.

alexnet, input 3×224×224
name            operation                 output  parameters         MACs  field
features.conv1  conv 3→96 k11 s4 p2     96×55×55      34,944  105,415,200     11
features.norm1  lrn 5                   96×55×55           0            0     11
features.pool1  max 3/2                 96×27×27           0            0     19
features.conv2  conv 96→256 k5 p2 g2   256×27×27     307,456  223,948,800     51
features.norm2  lrn 5                  256×27×27           0            0     51
features.pool2  max 3/2                256×13×13           0            0     67
features.conv3  conv 256→384 k3 p1     384×13×13     885,120  149,520,384     99
features.conv4  conv 384→384 k3 p1 g2  384×13×13     663,936  112,140,288    131
features.conv5  conv 384→256 k3 p1 g2  256×13×13     442,624   74,760,192    163
features.pool5  max 3/2                  256×6×6           0            0    195
head.fc6        fc 9216→4096                4096  37,752,832   37,748,736    all
head.fc7        fc 4096→4096                4096  16,781,312   16,777,216    all
head.fc8        fc 4096→1000                1000   4,097,000    4,096,000    all
total           -                           1000  60,965,224  724,406,816      -

alexnet-owt, input 3×224×224
name            operation               output  parameters         MACs  field
features.conv1  conv 3→64 k11 s4 p2   64×55×55      23,296   70,276,800     11
features.pool1  max 3/2               64×27×27           0            0     19
features.conv2  conv 64→192 k5 p2    192×27×27     307,392  223,948,800     51
features.pool2  max 3/2              192×13×13           0            0     67
features.conv3  conv 192→384 k3 p1   384×13×13     663,936  112,140,288     99
features.conv4  conv 384→256 k3 p1   256×13×13     884,992  149,520,384    131
features.conv5  conv 256→256 k3 p1   256×13×13     590,080   99,680,256    163
features.pool5  max 3/2                256×6×6           0            0    195
head.fc6        fc 9216→4096              4096  37,752,832   37,748,736    all
head.fc7        fc 4096→4096              4096  16,781,312   16,777,216    all
head.fc8        fc 4096→1000              1000   4,097,000    4,096,000    all
total           -                         1000  61,100,840  714,188,480      -

Departures from the paper of 2012:
* 224 pixels do not give the 55 positions of figure 2 without padding; the first layer
  pads by 2, so that 55×55 and all later sizes are the paper's.
* The response normalisation spans both halves of the maps; the paper does not say
  whether it stops at the border between the cards.
* ReLU and dropout follow each of the two hidden dense layers; in training the outputs
  that stay are doubled, where the paper halves all of them in testing.

Departures from the paper of 2014: it gives no table; widths are torchvision's. The
6×6 map goes to the dense layer as it is, torchvision first resizes other sizes to 6×6.
"""

from collections import OrderedDict
from collections.abc import Mapping

from torch import nn

from convatlas.networks import sizes
from convatlas.networks.network import Network
from convatlas.networks.registry import Published, Variant, register


class AlexNet(Network):
    """Krizhevsky et al. 2012: two halves that meet in the third convolution."""

    def __init__(
        self, classes: int, in_channels: int, input_size: tuple[int, int]
    ) -> None:
        features = nn.Sequential(
            OrderedDict(
                conv1=nn.Conv2d(in_channels, 96, 11, stride=4, padding=2),
                relu1=nn.ReLU(),
                norm1=_response_norm(),
                pool1=nn.MaxPool2d(3, 2),
                conv2=nn.Conv2d(96, 256, 5, padding=2, groups=2),
                relu2=nn.ReLU(),
                norm2=_response_norm(),
                pool2=nn.MaxPool2d(3, 2),
                conv3=nn.Conv2d(256, 384, 3, padding=1),
                relu3=nn.ReLU(),
                conv4=nn.Conv2d(384, 384, 3, padding=1, groups=2),
                relu4=nn.ReLU(),
                conv5=nn.Conv2d(384, 256, 3, padding=1, groups=2),
                relu5=nn.ReLU(),
                pool5=nn.MaxPool2d(3, 2),
            )
        )
        height, width = sizes.map_size(sizes.chain(features), input_size)
        head = nn.Sequential(
            OrderedDict(
                flatten=nn.Flatten(),
                fc6=nn.Linear(256 * height * width, 4096),
                relu6=nn.ReLU(),
                dropout6=nn.Dropout(0.5),
                fc7=nn.Linear(4096, 4096),
                relu7=nn.ReLU(),
                dropout7=nn.Dropout(0.5),
                fc8=nn.Linear(4096, classes),
            )
        )
        super().__init__(features, head)
        self._initialise()

    def _initialise(self) -> None:
        """Section 5: Gaussian of .01; biases 1 in layers 2, 4, 5 and the dense ones."""
        ones = ("conv2", "conv4", "conv5", "fc6", "fc7")
        for name, module in self.named_modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.normal_(module.weight, std=0.01)
                if module.bias is not None:
                    nn.init.constant_(module.bias, float(name.endswith(ones)))


class OneColumnAlexNet(Network):
    """Krizhevsky 2014: one column, no response normalisation."""

    def __init__(
        self, classes: int, in_channels: int, input_size: tuple[int, int]
    ) -> None:
        features = nn.Sequential(
            OrderedDict(
                conv1=nn.Conv2d(in_channels, 64, 11, stride=4, padding=2),
                relu1=nn.ReLU(),
                pool1=nn.MaxPool2d(3, 2),
                conv2=nn.Conv2d(64, 192, 5, padding=2),
                relu2=nn.ReLU(),
                pool2=nn.MaxPool2d(3, 2),
                conv3=nn.Conv2d(192, 384, 3, padding=1),
                relu3=nn.ReLU(),
                conv4=nn.Conv2d(384, 256, 3, padding=1),
                relu4=nn.ReLU(),
                conv5=nn.Conv2d(256, 256, 3, padding=1),
                relu5=nn.ReLU(),
                pool5=nn.MaxPool2d(3, 2),
            )
        )
        height, width = sizes.map_size(sizes.chain(features), input_size)
        head = nn.Sequential(
            OrderedDict(
                flatten=nn.Flatten(),
                dropout6=nn.Dropout(0.5),
                fc6=nn.Linear(256 * height * width, 4096),
                relu6=nn.ReLU(),
                dropout7=nn.Dropout(0.5),
                fc7=nn.Linear(4096, 4096),
                relu7=nn.ReLU(),
                fc8=nn.Linear(4096, classes),
            )
        )
        super().__init__(features, head)


def _response_norm() -> nn.LocalResponseNorm:
    """Section 3.3: k = 2, n = 5, α = 10⁻⁴, β = .75; PyTorch divides its alpha by n."""
    return nn.LocalResponseNorm(5, alpha=5 * 1e-4, beta=0.75, k=2.0)


def alexnet(*, classes: int, in_channels: int, input_size: tuple[int, int]) -> Network:
    """Krizhevsky et al. 2012."""
    return AlexNet(classes, in_channels, input_size)


def alexnet_owt(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> Network:
    """Krizhevsky 2014; PyTorch's own initialisation, as torchvision."""
    return OneColumnAlexNet(classes, in_channels, input_size)


def torchvision_names(network: Network) -> Mapping[str, str]:
    """Paths in the network by torchvision's, for ``alexnet-owt``."""
    indices = {1: 0, 2: 3, 3: 6, 4: 8, 5: 10}
    names = {f"features.{i}": f"features.conv{n}" for n, i in indices.items()}
    return names | {
        f"classifier.{i}": f"head.fc{n}" for n, i in ((6, 1), (7, 4), (8, 6))
    }


GROWS = "the first dense layer grows with the map"

register(
    Variant(
        name="alexnet",
        family="alexnet",
        title="ImageNet Classification with Deep Convolutional Neural Networks",
        year=2012,
        reference="Krizhevsky, Sutskever & Hinton, NIPS 2012, section 3.5, figure 2",
        input=(3, 224, 224),
        classes=1000,
        sizes=f"at least 63×63; {GROWS}",
        build=alexnet,
    )
)
register(
    Variant(
        name="alexnet-owt",
        family="alexnet",
        title="One weird trick for parallelizing convolutional neural networks",
        year=2014,
        reference="Krizhevsky, arXiv:1404.5997; torchvision's alexnet",
        input=(3, 224, 224),
        classes=1000,
        sizes=f"at least 63×63; {GROWS}",
        build=alexnet_owt,
        published={
            "imagenet": Published(
                "https://download.pytorch.org/models/alexnet-owt-7be5be79.pth",
                torchvision_names,
            )
        },
    )
)
