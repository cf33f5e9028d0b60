"""Learning rate and other numbers that change along the way. Pure functions of the step."""

import math

from openpose_py.train.recipe import OptimizerRow, Range

AVERAGE_START = 10  # steps: the kept average begins short, so that it forgets fresh weights


def rate_at(step: int, steps: int, options: OptimizerRow) -> float:
    """The learning rate of step `step`, counted from 0, of `steps`."""
    warm = min(1.0, (step + 1) / options.warm_up) if options.warm_up else 1.0
    if options.schedule == "cosine":
        fall = 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps)))
        return warm * (options.last_rate + (options.rate - options.last_rate) * fall)
    passed = sum(step >= milestone for milestone in options.milestones)
    return warm * options.rate * options.gamma**passed


def between(limits: Range, step: int, steps: int) -> float:
    """From the first to the second of `limits`, evenly."""
    return limits[0] + (limits[1] - limits[0]) * min(1.0, step / steps)


def kept_share(step: int, options: OptimizerRow) -> float:
    """The share of the old average after step `step`."""
    return min(options.average, (1 + step) / (AVERAGE_START + step))
