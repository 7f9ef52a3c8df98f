"""How weights start: the rules that more than one network uses."""

from typing import Literal

from torch import nn

Rule = Literal["xavier", "kaiming", "pytorch"]


def initialise(network: nn.Module, how: Rule) -> None:
    """Draws the weights of every convolution and dense layer anew.

    Norms and other modules keep theirs. Uses torch's global random state, so a seed set
    before makes it repeatable.

    Args:
        network: changed in place.
        how: ``"xavier"`` (Glorot & Bengio 2010, eq. 16: uniform, for sigmoid and tanh),
            ``"kaiming"`` (He et al. 2015, arXiv:1502.01852, eq. 10: normal, fan-in, for
            ReLU), both with biases 0; ``"pytorch"``: the default of ``nn.Conv2d`` and
            ``nn.Linear``, uniform within 1/√fan-in, biases too.
    """
    for module in network.modules():
        if not isinstance(module, nn.Conv2d | nn.Linear):
            continue
        if how == "pytorch":
            module.reset_parameters()
            continue
        if how == "xavier":
            nn.init.xavier_uniform_(module.weight)
        else:
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        if module.bias is not None:
            nn.init.zeros_(module.bias)
