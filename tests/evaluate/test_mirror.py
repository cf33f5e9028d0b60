"""The mirrored picture's maps, turned back."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from openpose_py.evaluate.mirror import MirroringEngine, mirror_order
from openpose_py.records import Maps, NetInput
from openpose_py.stages.maps.sizes import SizeWishes, geometry_of
from openpose_py.zoo.opposites import opposite_part
from openpose_py.zoo.skeletons import read_skeleton

MODELS = ("BODY_25", "BODY_25B", "BODY_135", "COCO", "MPI")
SHARED = os.environ.get("OPENPOSE_PY_SHARED")


class PerfectEngine:
    """Knows the maps of a picture, and answers for the mirrored one as a perfect network would."""

    def __init__(self, maps: np.ndarray, skeleton) -> None:
        self._maps, self._skeleton = maps, skeleton

    def run(self, net_input: NetInput) -> Maps:
        straight = net_input.tensors[0][0, 0, 0, 0] == 1
        maps = self._maps if straight else self._mirrored()
        return Maps((maps,), net_input.geometry)

    def _mirrored(self) -> np.ndarray:
        """Part by part and limb by limb, each looked up by name."""
        skeleton, turned = self._skeleton, self._maps[:, :, ::-1]
        out = turned.copy()
        swapped = [opposite_part(name, skeleton.parts) for name in skeleton.parts]
        for part, other in enumerate(swapped):
            out[part] = turned[other]
        limbs = [tuple(limb) for limb in skeleton.limbs.tolist()]
        for (a, b), (x, y) in zip(limbs, skeleton.paf_channels, strict=True):
            there, back = (swapped[a], swapped[b]), (swapped[b], swapped[a])
            if there in limbs:
                from_x, from_y = skeleton.paf_channels[limbs.index(there)]
                out[x], out[y] = -turned[from_x], turned[from_y]
            elif back in limbs:
                from_x, from_y = skeleton.paf_channels[limbs.index(back)]
                out[x], out[y] = turned[from_x], -turned[from_y]
        return out


@pytest.mark.parametrize("model", MODELS)
def test_what_a_perfect_network_says_is_not_changed(model):
    skeleton = read_skeleton(model)
    maps = np.random.default_rng(0).normal(0, 1, (skeleton.channels, 22, 40)).astype(np.float32)
    tensor = np.zeros((1, 3, 176, 320), np.float32)
    tensor[0, 0, 0, 0] = 1
    net_input = NetInput((tensor,), geometry_of((320, 176), SizeWishes((320, 176))))
    mean = MirroringEngine(PerfectEngine(maps, skeleton), skeleton).run(net_input)
    assert mean.scales[0] == pytest.approx(maps, abs=1e-6)


@pytest.mark.parametrize("model", MODELS)
def test_mirroring_twice_gives_every_channel_back(model):
    order = mirror_order(read_skeleton(model))
    assert [order.source[other] for other in order.source] == list(range(len(order.source)))
    assert sorted(order.source) == list(range(len(order.source)))


def test_only_the_mouths_last_gap_has_no_counterpart():
    skeleton = read_skeleton("BODY_135")
    alone = mirror_order(skeleton).alone
    limbs = [
        [skeleton.parts[part] for part in skeleton.limbs[number]]
        for number, channels in enumerate(skeleton.paf_channels)
        if channels[0] in alone
    ]
    assert ["OMouth6", "OMouth7"] in limbs
    assert all(name.startswith(("OMouth", "IMouth", "REye", "LEye")) for pair in limbs
               for name in pair)  # fmt: skip
    for model in ("BODY_25", "BODY_25B", "COCO", "MPI"):
        assert mirror_order(read_skeleton(model)).alone == []


@pytest.mark.skipif(not SHARED, reason="OPENPOSE_PY_SHARED names no folder")
@pytest.mark.parametrize(("model", "group"), [("BODY_25B", "12"), ("BODY_135", "14")])
def test_parts_are_exchanged_as_in_training(model, group):
    tables = json.loads((Path(SHARED) / "spec/tables/training_models.json").read_text())
    wanted = {frozenset(pair) for pair in tables["groups"][group]["swap"] if pair[0] != pair[1]}
    parts = read_skeleton(model).parts
    pairs = {frozenset((n, opposite_part(name, parts))) for n, name in enumerate(parts)}
    assert {pair for pair in pairs if len(pair) == 2} == wanted
