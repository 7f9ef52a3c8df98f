"""The learning rate as a pure function of how much of the training is done."""

from math import cos, floor, pi

from convatlas.recipe import Recipe

# One-cycle starts at peak / 25 and ends at that / 10,000, rising over .3 of the
# training: Smith & Topin 2017 as torch.optim.lr_scheduler.OneCycleLR has it.
RISE_FROM = 25.0
FALL_TO = 1e4
RISE_SHARE = 0.3


def learning_rate(recipe: Recipe, step: int, steps: int) -> float:
    """The rate of one optimizer step.

    Args:
        recipe: its ``lr`` is the peak.
        step: counted from 0.
        steps: of the whole training.
    """
    peak = recipe.lr
    if recipe.schedule == "one-cycle":
        rise = (recipe.warmup or RISE_SHARE) * steps - 1
        start, end = peak / RISE_FROM, peak / RISE_FROM / FALL_TO
        if step <= rise:
            return _cosine(start, peak, step / rise if rise > 0 else 1.0)
        return _cosine(peak, end, (step - rise) / max(steps - 1 - rise, 1e-9))
    rise = recipe.warmup * steps
    if step + 1 < rise:
        return peak * (step + 1) / rise
    if recipe.schedule == "cosine":
        return _cosine(peak, 0.0, (step - rise) / max(steps - rise, 1))
    if recipe.schedule == "step":
        epoch = recipe.epochs * step / steps
        return float(peak * recipe.step_factor ** floor(epoch / recipe.step_every))
    return peak


def _cosine(start: float, end: float, share: float) -> float:
    share = min(max(share, 0.0), 1.0)
    return end + (start - end) * (1 + cos(pi * share)) / 2
