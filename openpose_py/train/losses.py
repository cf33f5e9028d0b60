"""The loss: weighted squared errors, summed over all stages."""

from collections.abc import Sequence

import torch

from openpose_py.train.stages import Output
from openpose_py.zoo.skeletons import Skeleton


def stage_losses(
    outputs: Sequence[Output], targets: torch.Tensor, weights: torch.Tensor
) -> torch.Tensor:
    """(stages,): half the sum over channels and cells, the mean over pictures.

    targets, weights: float32 (n, channels, h, w) in the network's channel order.
    """
    losses = []
    for first, maps in outputs:
        span = slice(first, first + maps.shape[1])
        errors = weights[:, span] * (maps.float() - targets[:, span]).square()
        losses.append(errors.sum() / (2 * len(maps)))
    return torch.stack(losses)


class EmptyCells:
    """Lowers the weight of cells where nothing is, so that the few others are not drowned.

    A part's cell is empty where its map is 0, a limb's where both its channels are; the background
    map has no empty cells.
    """

    def __init__(self, skeleton: Skeleton, device: torch.device) -> None:
        self._parts, self._first = len(skeleton.parts), skeleton.first_paf
        partner = torch.arange(skeleton.channels)
        x, y = torch.from_numpy(skeleton.paf_channels).T
        partner[x], partner[y] = y, x
        self._partner = partner.to(device)

    def weighed(self, targets: torch.Tensor, weights: torch.Tensor, empty: float) -> torch.Tensor:
        """weights (n, channels, h, w), those of empty cells times `empty`."""
        if empty == 1:
            return weights
        full = (targets != 0) | (targets[:, self._partner] != 0)
        full[:, self._parts : self._first] = True
        return torch.where(full, weights, weights * empty)
