"""Learning rate and other numbers that change along the way. Pure functions of the step."""

import math
from collections.abc import Sequence

from openpose_py.train.recipe import OptimizerRow, Range

GAIN = 0.01  # of the error: so much less counts as better
AVERAGE_START = 10  # steps: the kept average begins short, so that it forgets fresh weights


def rate_at(step: int, steps: int, options: OptimizerRow, falls: int = 0) -> float:
    """The learning rate of step `step`, counted from 0, of `steps`. falls: see `falls_of`."""
    warm = min(1.0, (step + 1) / options.warm_up) if options.warm_up else 1.0
    if options.schedule == "cosine":
        fall = 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps)))
        return warm * (options.last_rate + (options.rate - options.last_rate) * fall)
    if options.schedule == "plateau":
        return warm * options.rate * options.gamma**falls
    passed = sum(step >= milestone for milestone in options.milestones)
    return warm * options.rate * options.gamma**passed


def falls_of(figures: Sequence[float], patience: int) -> int:
    """How often the rate has fallen. figures: of all judgements so far, 1 is best; it falls when
    more than `patience` of them in a row were no better than the best before."""
    best, waited, falls = math.inf, 0, 0
    for figure in figures:
        error = 1 - figure
        better = error < best * (1 - GAIN)
        best, waited = (error, 0) if better else (best, waited + 1)
        if waited > patience:
            falls, waited = falls + 1, 0
    return falls


def between(limits: Range, step: int, steps: int) -> float:
    """From the first to the second of `limits`, evenly."""
    return limits[0] + (limits[1] - limits[0]) * min(1.0, step / steps)


def kept_share(step: int, options: OptimizerRow) -> float:
    """The share of the old average after step `step`."""
    return min(options.average, (1 + step) / (AVERAGE_START + step))
