import numpy as np
import pytest
from drawn.decoder_scenes import QUICK, scene

from openpose_py.records import Geometry, Maps
from openpose_py.stages.people.reference_maps import upsample
from openpose_py.upsampling.axes import target_size


def maps_of(*scales: np.ndarray, frame_to_net: tuple[float, ...] = (1.0,), stride: int = 8) -> Maps:
    geometry = Geometry((64, 48), ((64, 48),), frame_to_net, (64, 48), 1.0, 1.0, 0.5)
    return Maps(scales, geometry, stride)


@pytest.mark.parametrize("name", QUICK)
def test_samples_of_the_upsampled_maps_are_openposes_to_the_last_bit(name):
    golden = scene(name)
    channel, y, x = golden.answers["probe_index"].T
    np.testing.assert_array_equal(
        upsample(golden.maps)[channel, y, x], golden.answers["cuda_probe"]
    )


@pytest.mark.parametrize("name", [name for name in QUICK if "tiny_full" in name])
def test_whole_upsampled_maps_are_openposes_to_the_last_bit(name):
    golden = scene(name)
    np.testing.assert_array_equal(upsample(golden.maps), golden.answers["cuda_resized"])


@pytest.mark.parametrize(
    ("ratio", "wanted"),
    [(0, (80, 48)), (8, (80, 48)), (1, (10, 6)), (2.5, (25, 15)), (16, (160, 96))],
)
def test_the_ratio_gives_the_size_of_the_upsampled_maps(ratio, wanted):
    assert target_size(maps_of(np.zeros((1, 6, 10), np.float32)), ratio) == wanted


def test_at_ratio_one_maps_are_copied():
    cells = np.random.default_rng(0).random((2, 5, 7)).astype(np.float32)
    cells[0, 2, 2] = np.nan
    whole = upsample(maps_of(cells), 1)
    np.testing.assert_array_equal(whole, cells)
    assert whole is not cells and not np.shares_memory(whole, cells)


@pytest.mark.parametrize("ratio", [0, 2, 3.7])
def test_even_maps_stay_even(ratio):
    whole = upsample(maps_of(np.full((1, 4, 5), 0.75, np.float32)), ratio)
    np.testing.assert_allclose(whole, 0.75, rtol=1e-6)


def test_a_ramp_stays_a_ramp_except_at_its_ends():
    cells = np.tile(np.arange(8, dtype=np.float32), (1, 4, 1))
    whole = upsample(maps_of(cells))[0, 12]
    wanted = (np.arange(64) + 0.5) / 8 - 0.5
    np.testing.assert_allclose(whole[12:52], wanted[12:52], atol=1e-5)


def test_the_mean_over_scales_puts_a_person_at_one_place():
    """Two scales show one ramp of the frame, the second at half the size."""
    big = np.tile((np.arange(16, dtype=np.float32) + 0.5) / 2, (1, 4, 1))
    small = np.tile(np.arange(8, dtype=np.float32) + 0.5, (1, 2, 1))
    whole = upsample(maps_of(big, small, frame_to_net=(1.0, 0.5)))[0, 16]
    wanted = (np.arange(128) + 0.5) / 16
    np.testing.assert_allclose(whole[28:100], wanted[28:100], atol=1e-5)
