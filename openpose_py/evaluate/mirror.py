"""A picture and its mirror image through one network: the mean of both maps."""

import dataclasses
from typing import Any

import numpy as np

from openpose_py.chosen_model import ChosenModel
from openpose_py.estimator import Estimator
from openpose_py.records import Maps, NetInput
from openpose_py.stages.maps.engines.engine import Engine
from openpose_py.zoo.opposites import opposite_parts
from openpose_py.zoo.skeletons import Skeleton, read_skeleton


class MirroringEstimator(Estimator):
    """An estimator that also looks at the mirrored picture."""

    def _load(self, model: ChosenModel, device: Any) -> Engine:
        skeleton = read_skeleton(model.runs.skeleton)
        return MirroringEngine(super()._load(model, device), skeleton)


class MirroringEngine(Engine):
    """Runs an engine twice. Mirrored are the network's inputs with their black borders, so that
    cells lie exactly on cells."""

    def __init__(self, engine: Engine, skeleton: Skeleton) -> None:
        self._engine = engine
        self._order = mirror_order(skeleton)

    def run(self, net_input: NetInput) -> Maps:
        straight = self._engine.run(net_input)
        turned = tuple(np.ascontiguousarray(one[..., ::-1]) for one in net_input.tensors)
        mirrored = self._engine.run(dataclasses.replace(net_input, tensors=turned))
        pairs = zip(straight.scales, mirrored.scales, strict=True)
        scales = tuple(self._mean(one, other) for one, other in pairs)
        return dataclasses.replace(straight, scales=scales)

    def _mean(self, straight: Any, mirrored: Any) -> Any:
        """Arrays or tensors (channels, height, width), both on their own device."""
        order = self._order
        columns = list(range(mirrored.shape[2] - 1, -1, -1))
        back = mirrored[order.source][:, :, columns]
        back[order.negated] = -back[order.negated]
        back[order.alone] = straight[order.alone]
        return (straight + back) / 2


@dataclasses.dataclass(frozen=True)
class MirrorOrder:
    """source: for each channel the one that shows the same in the mirrored picture. negated:
    channels whose sign turns. alone: channels without a counterpart."""

    source: list[int]
    negated: list[int]
    alone: list[int]


def mirror_order(skeleton: Skeleton) -> MirrorOrder:
    """Parts are exchanged by their L and R names, limbs by the names of their parts.

    The x of an affinity field turns with the picture; where a limb's counterpart runs from its
    second part to its first, both x and y turn once more.
    """
    opposite = opposite_parts(skeleton.parts).tolist()
    source = list(range(skeleton.channels))
    source[: len(opposite)] = opposite
    limbs = {(int(a), int(b)): number for number, (a, b) in enumerate(skeleton.limbs)}
    negated, alone = [], []
    for number, (a, b) in enumerate(skeleton.limbs):
        x, y = (int(channel) for channel in skeleton.paf_channels[number])
        same, backwards = (opposite[a], opposite[b]), (opposite[b], opposite[a])
        if same not in limbs and backwards not in limbs:
            alone += [x, y]
            continue
        other = skeleton.paf_channels[limbs[same if same in limbs else backwards]]
        source[x], source[y] = int(other[0]), int(other[1])
        negated.append(x if same in limbs else y)
    return MirrorOrder(source, negated, alone)
