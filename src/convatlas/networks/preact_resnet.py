"""Pre-activation ResNet.

Sources: He, Zhang, Ren & Sun, "Identity Mappings in Deep Residual Networks",
arXiv:1603.05027 (2016), figure 4 (e) and appendix; widths and depths of
arXiv:1512.03385, table 1 and section 4.2.

Input 3×224×224 with 1000 classes, or 3×32×32 with ten; any size passes.

preact-resnet18, input 3×224×224
name                operation               output  parameters           MACs  field
features.stem.conv  conv 3→64 k7 s2 p3  64×112×112       9,408    118,013,952      7
features.stem.pool  max 3/2 p1            64×56×56           0              0     11
features.stage1     -                     64×56×56     147,968    462,422,016     43
features.stage2     -                    128×28×28     525,184    411,041,792     99
features.stage3     -                    256×14×14   2,098,944    411,041,792    211
features.stage4     -                      512×7×7   8,392,192    411,041,792    435
features.norm       bn                     512×7×7       1,024              0    435
head.pool           global avg             512×1×1           0              0    all
head.fc             fc 512→1000               1000     513,000        512,000    all
total               -                         1000  11,687,720  1,814,073,344      -

preact-resnet50, input 3×224×224
name                operation               output  parameters           MACs  field
features.stem.conv  conv 3→64 k7 s2 p3  64×112×112       9,408    118,013,952      7
features.stem.pool  max 3/2 p1            64×56×56           0              0     11
features.stage1     -                    256×56×56     214,912    667,942,912     35
features.stage2     -                    512×28×28   1,218,048  1,027,604,480     91
features.stage3     -                   1024×14×14   7,095,296  1,464,336,384    267
features.stage4     -                     2048×7×7  14,958,592    809,238,528    427
features.norm       bn                    2048×7×7       4,096              0    427
head.pool           global avg            2048×1×1           0              0    all
head.fc             fc 2048→1000              1000   2,049,000      2,048,000    all
total               -                         1000  25,549,352  4,089,184,256      -

preact-resnet110, input 3×32×32
name             operation          output  parameters         MACs  field
features.conv    conv 3→16 k3 p1  16×32×32         432      442,368      3
features.stage1  -                16×32×32      84,096   84,934,656     75
features.stage2  -                32×16×16     329,440   83,755,008    217
features.stage3  -                  64×8×8   1,313,216   83,755,008    501
features.norm    bn                 64×8×8         128            0    501
head.pool        global avg         64×1×1           0            0    all
head.fc          fc 64→10               10         650          640    all
total            -                      10   1,727,962  252,887,680      -

Departures from the paper:
* The paper trains 101, 152 and 200 layers on ImageNet; 18 and 50 are the same units in
  the depths of its predecessor.
* The norm and ReLU that follow the first convolution (appendix) stand behind the
  pooling of the ImageNet networks, as timm has them: they are those of the first unit,
  whose two paths both begin after them. timm's first shortcut of 18 layers begins
  before them.
* preact-resnet50 carries the stride of a bottleneck in its 3×3 convolution, as timm;
  the authors' code, for CIFAR, has it in the first 1×1.
* preact-resnet110 takes its shortcuts without parameters (option A) from its
  predecessor; where the shape changes both paths begin after the first norm and ReLU,
  as in the authors' code.
"""

from collections import OrderedDict
from collections.abc import Callable

from torch import Tensor, nn

from convatlas.networks import sizes
from convatlas.networks.blocks import Add
from convatlas.networks.heads import class_head
from convatlas.networks.network import Network
from convatlas.networks.published_init import fan_out
from convatlas.networks.registry import Variant, register
from convatlas.networks.resnet_blocks import conv3x3, stages
from convatlas.networks.resnet_cifar import zero_padded

Shortcut = Callable[[int, int, int], nn.Module]
"""Makes a shortcut from input channels, output channels and stride."""


class PreactBasic(nn.Module):
    """Figure 4 (e): norm and ReLU stand before each of two 3×3 convolutions.

    Args:
        in_channels: of the map that arrives.
        channels: of the map that leaves.
        stride: of the first convolution.
        shortcut: makes the shortcut.

    Attributes:
        activate_both: the shortcut too begins after the first norm and ReLU: where the
            shape changes and in the first unit of a network (appendix).
    """

    def __init__(
        self, in_channels: int, channels: int, stride: int, shortcut: Shortcut
    ) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.relu1 = nn.ReLU()
        self.conv1 = conv3x3(in_channels, channels, stride)
        self.norm2 = nn.BatchNorm2d(channels)
        self.relu2 = nn.ReLU()
        self.conv2 = conv3x3(channels, channels)
        self.shortcut = shortcut(in_channels, channels, stride)
        self.add = Add()
        self.activate_both = not isinstance(self.shortcut, nn.Identity)

    def forward(self, images: Tensor) -> Tensor:
        active = self.relu1(self.norm1(images))
        residual = self.conv2(self.relu2(self.norm2(self.conv1(active))))
        shortcut = self.shortcut(active if self.activate_both else images)
        total: Tensor = self.add(residual, shortcut)
        return total


class PreactBottleneck(nn.Module):
    """The same with 1×1, 3×3 (which carries the stride) and 1×1 convolutions."""

    def __init__(self, in_channels: int, channels: int, stride: int) -> None:
        super().__init__()
        width = channels // 4
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.relu1 = nn.ReLU()
        self.conv1 = nn.Conv2d(in_channels, width, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(width)
        self.relu2 = nn.ReLU()
        self.conv2 = conv3x3(width, width, stride)
        self.norm3 = nn.BatchNorm2d(width)
        self.relu3 = nn.ReLU()
        self.conv3 = nn.Conv2d(width, channels, 1, bias=False)
        self.shortcut = bare_projection(in_channels, channels, stride)
        self.add = Add()
        self.activate_both = not isinstance(self.shortcut, nn.Identity)

    def forward(self, images: Tensor) -> Tensor:
        active = self.relu1(self.norm1(images))
        residual = self.conv1(active)
        residual = self.conv2(self.relu2(self.norm2(residual)))
        residual = self.conv3(self.relu3(self.norm3(residual)))
        shortcut = self.shortcut(active if self.activate_both else images)
        total: Tensor = self.add(residual, shortcut)
        return total


Unit = PreactBasic | PreactBottleneck


class PreactResNet(Network):
    """A stem, stages of pre-activation units, a last norm and ReLU, a class head."""

    def __init__(
        self,
        stem: "OrderedDict[str, nn.Module]",
        parts: "OrderedDict[str, nn.Module]",
        channels: int,
        classes: int,
        input_size: tuple[int, int],
    ) -> None:
        sizes.map_size(sizes.chain(nn.Sequential(stem)), input_size)
        features = nn.Sequential(
            OrderedDict(**stem, **parts, norm=nn.BatchNorm2d(channels), relu=nn.ReLU())
        )
        units = (m for m in features.modules() if isinstance(m, Unit))
        next(units).activate_both = True  # appendix: the activation right after conv1
        super().__init__(features, class_head(channels, classes))
        fan_out(self)  # as in the code that the authors released


def bare_projection(in_channels: int, channels: int, stride: int) -> nn.Module:
    """Identity where the shape stays, else a 1×1 convolution without a norm."""
    if in_channels == channels and stride == 1:
        return nn.Identity()
    return nn.Conv2d(in_channels, channels, 1, stride, bias=False)


def imagenet_stem(in_channels: int) -> "OrderedDict[str, nn.Module]":
    """7×7 and pooling; the norm and ReLU of conv1 are those of the first unit."""
    return OrderedDict(
        stem=nn.Sequential(
            OrderedDict(
                conv=nn.Conv2d(in_channels, 64, 7, 2, 3, bias=False),
                pool=nn.MaxPool2d(3, 2, 1),
            )
        )
    )


def preact_resnet18(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> PreactResNet:
    """ResNet-18 of arXiv:1512.03385, table 1, made of pre-activation units."""

    def unit(inputs: int, outputs: int, stride: int) -> PreactBasic:
        return PreactBasic(inputs, outputs, stride, bare_projection)

    parts = stages(unit, 64, (64, 128, 256, 512), (2, 2, 2, 2))
    return PreactResNet(imagenet_stem(in_channels), parts, 512, classes, input_size)


def preact_resnet50(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> PreactResNet:
    """ResNet-50 of arXiv:1512.03385, table 1, made of pre-activation units."""
    parts = stages(PreactBottleneck, 64, (256, 512, 1024, 2048), (3, 4, 6, 3))
    return PreactResNet(imagenet_stem(in_channels), parts, 2048, classes, input_size)


def preact_resnet110(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> PreactResNet:
    """Section 4: ResNet-110 for 32×32 images, 54 units of two convolutions."""

    def unit(inputs: int, outputs: int, stride: int) -> PreactBasic:
        return PreactBasic(inputs, outputs, stride, zero_padded)

    stem: OrderedDict[str, nn.Module] = OrderedDict(conv=conv3x3(in_channels, 16))
    parts = stages(unit, 16, (16, 32, 64), (18, 18, 18))
    return PreactResNet(stem, parts, 64, classes, input_size)


for _name, _build, _input, _classes, _where in (
    ("preact-resnet18", preact_resnet18, (3, 224, 224), 1000, "section 3"),
    ("preact-resnet50", preact_resnet50, (3, 224, 224), 1000, "section 3"),
    ("preact-resnet110", preact_resnet110, (3, 32, 32), 10, "table 2"),
):
    register(
        Variant(
            name=_name,
            family="preact_resnet",
            title="Identity Mappings in Deep Residual Networks",
            year=2016,
            reference=f"He et al., arXiv:1603.05027, figure 4 (e), {_where}",
            input=_input,
            classes=_classes,
            sizes="any",
            build=_build,
        )
    )
