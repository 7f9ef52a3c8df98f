"""What a picture that shows nothing looks like to a network."""

import torch

from convatlas.looking.subjects import Subject


def blank_of(subject: Subject) -> tuple[float, ...]:
    """A pixel of it, a number a channel, as the network takes it.

    Black where pictures are centred digits, since that is their ground; else the mean
    of the training pictures, of which neither dark nor light things take the colour.
    """
    if not subject.centred_digits:
        return (0.0,) * subject.input[0]
    black = torch.zeros((subject.input[0], 1, 1), dtype=torch.uint8)
    return tuple(subject.normalise(black).flatten().tolist())
