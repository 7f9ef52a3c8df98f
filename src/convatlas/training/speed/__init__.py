"""How a training is carried out on this machine, which changes nothing but rounding."""
