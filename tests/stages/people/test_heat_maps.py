from pathlib import Path

import numpy as np
import pytest

from openpose_py.errors import UsageError
from openpose_py.records import Geometry, Maps
from openpose_py.stages.people.heat_maps import (
    HeatMapOptions,
    chosen_channels,
    export_heat_maps,
    scale_heat_maps,
)
from openpose_py.stages.people.reference_maps import upsample
from openpose_py.upsampling.channels import upsample_channels
from openpose_py.zoo.skeletons import read_skeleton

GOLDEN = Path(__file__).parents[2] / "golden"
SCENES = sorted(path.name for path in GOLDEN.glob("decoder/*_tiny_full*.npz"))
with np.load(GOLDEN / "files" / "write_heatmaps" / "heat_maps.npz") as stored:
    SCALED = sorted(name for name in stored if name.startswith("types"))
SHAPES = [((6, 8),), ((1, 1),), ((2, 9),), ((46, 82), (34, 62)), ((12, 20), (10, 15), (6, 11))]


def maps_of(scales: list[np.ndarray], frame_to_net: list[float]) -> Maps:
    sizes = tuple((scale.shape[2] * 8, scale.shape[1] * 8) for scale in scales)
    geometry = Geometry(sizes[0], sizes, tuple(frame_to_net), sizes[0], 1.0, 1.0, 0.5)
    return Maps(tuple(scales), geometry)


def random_maps(shapes: tuple[tuple[int, int], ...], channels: int) -> Maps:
    generator = np.random.default_rng(len(shapes) + shapes[0][0])
    scales = [generator.normal(0, 1, (channels, *shape)).astype(np.float32) for shape in shapes]
    for scale in scales:
        scale[:, ::2] = 0
    return maps_of(scales, [1.37 - 0.25 * n for n in range(len(shapes))])


def golden_options(name: str) -> HeatMapOptions:
    kinds, scale = (int(word) for word in name.removeprefix("types").split("_scale"))
    return HeatMapOptions(bool(kinds & 1), bool(kinds & 2), bool(kinds & 4), scale)


@pytest.mark.parametrize("ratio", [0, 1, 2.5, 4, 16])
@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_chosen_channels_equal_the_definition_to_the_last_bit(
    shapes: tuple[tuple[int, int], ...], ratio: float
) -> None:
    maps = random_maps(shapes, 5)
    channels = np.array([0, 3, 4])
    found = upsample_channels(maps, channels, ratio)
    wanted = upsample(maps, ratio)[channels]
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found.view(np.uint32), wanted.view(np.uint32))


@pytest.mark.parametrize("scene", SCENES)
def test_whole_maps_are_openposes(scene: str) -> None:
    with np.load(GOLDEN / "decoder" / scene) as stored:
        scales = [stored[f"maps_{n}"].astype(np.float32) for n in range(stored["scale_number"])]
        maps = maps_of(scales, stored["scale_input_to_net_inputs"].tolist())
        skeleton, wanted = read_skeleton(str(stored["model"])), stored["cuda_resized"]
    options = HeatMapOptions(True, skeleton.background, True, scale=3)
    np.testing.assert_array_equal(export_heat_maps(maps, skeleton, options), wanted)


@pytest.mark.parametrize("name", SCALED)
def test_scaled_values_are_openposes(name: str) -> None:
    skeleton, options = read_skeleton("BODY_25"), golden_options(name)
    with np.load(GOLDEN / "files" / "write_heatmaps" / "heat_maps.npz") as stored:
        upsampled, wanted = stored["heat_maps"], stored[name]
    channels = chosen_channels(skeleton, options)
    is_part = channels < skeleton.first_paf
    np.testing.assert_array_equal(
        scale_heat_maps(upsampled[channels], is_part, options.scale), wanted
    )


@pytest.mark.parametrize(("fixed_aspect", "plain"), [(4, 1), (5, 0)])
def test_fixed_aspect_changes_nothing_here(fixed_aspect: int, plain: int) -> None:
    maps, skeleton = random_maps(((6, 8),), 78), read_skeleton("BODY_25")
    one, other = (
        export_heat_maps(maps, skeleton, HeatMapOptions(True, True, True, scale))
        for scale in (fixed_aspect, plain)
    )
    np.testing.assert_array_equal(one, other)


def test_maps_at_net_size_are_copied_and_stay_as_they_were() -> None:
    maps, skeleton = random_maps(((6, 8),), 78), read_skeleton("BODY_25")
    before = maps.scales[0].copy()
    options = HeatMapOptions(add_bkg=True, scale=2, upsampling_ratio=1)
    exported = export_heat_maps(maps, skeleton, options)
    np.testing.assert_array_equal(maps.scales[0], before)
    wanted = np.floor(np.clip(before[25:26], 0, 1) * np.float32(255) + np.float32(0.5))
    np.testing.assert_array_equal(exported, wanted)


@pytest.mark.parametrize("model", ["BODY_25B", "BODY_135"])
def test_a_background_that_the_model_lacks_is_refused(model: str) -> None:
    skeleton = read_skeleton(model)
    with pytest.raises(UsageError, match=f"--heatmaps_add_bkg: {model} has no background map"):
        chosen_channels(skeleton, HeatMapOptions(add_parts=True, add_bkg=True))
    channels = chosen_channels(skeleton, HeatMapOptions(add_parts=True, add_pafs=True))
    np.testing.assert_array_equal(channels, np.arange(skeleton.channels))


def test_maps_that_are_not_finite_pass_through() -> None:
    maps = random_maps(((6, 8),), 3)
    maps.scales[0][1, 3, 4] = np.nan
    maps.scales[0][2, 3, 4] = np.inf
    with np.errstate(invalid="ignore"):
        wanted = upsample(maps)
    np.testing.assert_array_equal(upsample_channels(maps, np.arange(3)), wanted)
