"""Frames that go through the network together, and networks that share the frames."""

import threading

import numpy as np
import pytest
import torch
from drawn.media import write_video

from openpose_py import Estimator, estimator
from openpose_py.errors import InputError, UsageError
from openpose_py.records import Frame, NetInput
from openpose_py.stages.maps.engines.torch_engine import devices_named
from openpose_py.together import input_shapes, together

SMALL = {"model_pose": "BODY_25B_COMPACT", "net_resolution": "-1x96"}
CPU = torch.device("cpu")
ROUNDING = 1e-6  # of maps around 0.1: PyTorch adds in another order in a batch


def test_neighbours_of_a_kind_go_together_and_nothing_is_left_behind():
    words = ["a1", "a2", "a3", "a4", "a5", "b1", "a6", "b2", "b3"]
    groups = list(together(words, 2, lambda word: word[0]))
    assert groups == [["a1", "a2"], ["a3", "a4"], ["a5"], ["b1"], ["a6"], ["b2", "b3"]]
    assert list(together([], 2, id)) == []


def test_frames_before_a_damaged_one_are_not_lost():
    def items():
        yield from (1, 2, 3)
        raise InputError("damaged")

    groups = together(items(), 8, lambda item: 0)
    assert next(groups) == [1, 2, 3]
    with pytest.raises(InputError, match="damaged"):
        next(groups)


def test_a_group_is_given_away_as_soon_as_it_is_full():
    taken = []
    groups = together(map(lambda n: taken.append(n) or n, range(9)), 3, lambda n: 0)
    assert next(groups) == [0, 1, 2] == taken


def test_inputs_without_a_tensor_are_no_company_for_others():
    some = tuple(np.zeros((1, 3, side, 32), np.float32) for side in (32, 16))
    assert input_shapes(NetInput(some, None)) == input_shapes(NetInput(some, None))
    assert input_shapes(NetInput(some, None)) != input_shapes(NetInput(some[:1], None))
    assert input_shapes(NetInput(some, None)) != input_shapes(NetInput((), None))


@pytest.fixture(scope="module")
def walk(tmp_path_factory):
    """Seven frames in which a picture of noise moves."""
    path = tmp_path_factory.mktemp("walk") / "walk.mp4"
    noise = np.random.default_rng(3).integers(0, 255, (12, 40, 3), np.uint8)
    picture = np.kron(noise, np.ones((16, 16, 1), np.uint8))
    write_video(path, [np.ascontiguousarray(picture[:, n * 8 : n * 8 + 320]) for n in range(7)])
    return path


def found(path, **flags) -> list[np.ndarray]:
    one = Estimator(**SMALL, write_maps="kept", **flags)
    results = list(one.run(path))
    assert [result.frame.index for result in results] == list(range(len(results)))
    return [np.asarray(result.maps.scales[-1]) for result in results]


@pytest.mark.parametrize("flags", [{}, {"scale_number": 2}, {"disable_multi_thread": True}])
def test_frames_together_have_the_maps_of_frames_alone(walk, flags):
    alone = found(walk, **flags)
    assert len(alone) == 7 and np.abs(alone[0] - alone[1]).max() > 1e-3
    for maps, wanted in zip(found(walk, gpu_batch=3, **flags), alone, strict=True):
        np.testing.assert_allclose(maps, wanted, rtol=0, atol=ROUNDING)


def test_several_devices_share_the_frames_in_order_and_change_nothing(walk, monkeypatch):
    alone = found(walk)
    monkeypatch.setattr(estimator, "devices_named", lambda *flags: [CPU, CPU, CPU])
    for maps, wanted in zip(found(walk), alone, strict=True):
        np.testing.assert_array_equal(maps, wanted)
    for maps, wanted in zip(found(walk, gpu_batch=2), alone, strict=True):
        np.testing.assert_allclose(maps, wanted, rtol=0, atol=ROUNDING)


class Slow:
    """A source whose second frame comes when somebody has seen the first."""

    fps, count, unreadable = 10.0, None, []

    def __init__(self) -> None:
        self.seen = threading.Event()

    def frames(self):
        pixels = np.zeros((64, 64, 3), np.uint8)
        yield Frame(pixels, 0, "0", 0.0, "")
        if self.seen.wait(timeout=60):
            yield Frame(pixels, 1, "1", 0.1, "")

    def close(self) -> None:
        self.seen.set()


def test_a_live_frame_does_not_wait_for_company(monkeypatch):
    monkeypatch.setattr(estimator, "is_live", lambda source: isinstance(source, Slow))
    one, source = Estimator(**SMALL, gpu_batch=8), Slow()
    results = one.run(source)
    assert next(results).frame.index == 0
    source.seen.set()
    assert [result.frame.index for result in results] == [1]


def test_gpus_are_counted_from_the_first_and_never_more_than_there_are(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)

    def named(*flags):
        return [str(device) for device in devices_named(*flags)]

    assert named("auto", -1, 0) == ["cuda:0", "cuda:1", "cuda:2", "cuda:3"]
    assert named("auto", -1, 2) == ["cuda:2", "cuda:3"]
    assert named("auto", 2, 1) == ["cuda:1", "cuda:2"]
    assert named("cuda:3", -1, 0) == ["cuda:3"] and named("cpu", -1, 0) == ["cpu"]
    with pytest.raises(UsageError, match="4 from GPU 1 on are wanted, PyTorch sees 4") as caught:
        named("auto", 4, 1)
    assert "--num_gpu 3" in caught.value.hint
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert named("auto", -1, 0) == ["cpu"]
