"""Networks with auxiliary classifiers: further logits from maps in the middle."""

from collections.abc import Mapping

from torch import Tensor, nn

from convatlas.networks.network import Network


class AuxiliaryNetwork(Network):
    """A network some of whose maps are classified on the way, for training only.

    ``forward`` gives the logits of the head and never runs the auxiliary classifiers.

    Args:
        features: a chain of named modules.
        head: as in ``Network``.
        auxiliaries: a classifier for each of some modules of ``features``, by the name
            of the module whose output it sees.
        weight: of each auxiliary loss.

    Attributes:
        auxiliary_weights: one for each auxiliary classifier, in order.
    """

    def __init__(
        self,
        features: nn.Sequential,
        head: nn.Module,
        auxiliaries: Mapping[str, nn.Module],
        weight: float,
    ) -> None:
        super().__init__(features, head)
        self.auxiliaries = nn.ModuleDict(auxiliaries)
        self.auxiliary_weights = (weight,) * len(auxiliaries)

    def logits_with_auxiliaries(self, images: Tensor) -> tuple[Tensor, ...]:
        """Logits of the head, then those of every auxiliary classifier.

        Args:
            images: N C H W, float.

        Returns:
            N × classes each. Training minimises the loss of the first plus the losses
            of the others times ``auxiliary_weights``.
        """
        maps, others = images, []
        for name, module in self.features.named_children():
            maps = module(maps)
            if name in self.auxiliaries:
                others.append(self.auxiliaries[name](maps))
        return self.head(maps), *others
