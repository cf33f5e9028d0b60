"""--part_to_show: the real OpenPose's pictures judge the reference and the compiled twin."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from openpose_py.errors import UsageError
from openpose_py.records import Geometry, Maps, Size
from openpose_py.stages.people.reference_maps import upsample
from openpose_py.stages.pictures import heat_views_reference
from openpose_py.stages.pictures.heat_rows import add_wheel
from openpose_py.stages.pictures.heat_views import draw_heat_view, element_name, elements
from openpose_py.upsampling.channels import upsample_channels
from openpose_py.zoo.skeletons import read_skeleton

GOLDEN = Path(__file__).parents[2] / "golden"
RENDER = GOLDEN / "render"
BODY_25, BODY_25B = read_skeleton("BODY_25"), read_skeleton("BODY_25B")
VIEWS = {
    "background_alpha07": (1, 0.7),
    "all_parts_alpha07": (2, 0.7),
    "all_parts_alpha1": (2, 1),
    "pafs_alpha07": (3, 0.7),
    "pafs_alpha1": (3, 1),
    "part0_alpha07": (4, 0.7),
    "part4_alpha1": (8, 1),
    "paf_pair0_alpha07": (29, 0.7),
    "paf_pair1_alpha07": (30, 0.7),
}


def geometry(
    output: Size, net_to_frame: float, frame_to_output: float = 1, scales: tuple[float, ...] = (1,)
) -> Geometry:
    return Geometry(
        frame_size=output, net_sizes=((0, 0),) * len(scales), frame_to_net=scales,
        output_size=output, frame_to_output=frame_to_output, net_to_frame=net_to_frame,
        peak_offset=0,
    )  # fmt: skip


def scene(name: str, output: Size = (1280, 720), frame_to_output: float = 1) -> Maps:
    with np.load(GOLDEN / "decoder" / f"{name}.npz") as stored:
        scales = tuple(stored["scale_input_to_net_inputs"].tolist())
        cells = tuple(stored[f"maps_{n}"].astype(np.float32) for n in range(len(scales)))
        factor = float(stored["scale_net_to_output"])
    return Maps(cells, geometry(output, factor, frame_to_output, scales))


def noise(width: int, height: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3)).astype(np.uint8)


def drawn_twice(maps: Maps, skeleton_name: str, element: int) -> tuple[np.ndarray, np.ndarray]:
    skeleton, where = read_skeleton(skeleton_name), maps.geometry
    picture = noise(*where.output_size)
    factor = np.float32(where.net_to_frame) * np.float32(where.frame_to_output)
    return (
        heat_views_reference.draw_heat_view(
            picture.copy(), upsample(maps), skeleton, element, factor, 0.7
        ),
        draw_heat_view(picture, maps, skeleton, element, 0.7),
    )


@pytest.mark.parametrize("view", VIEWS)
def test_every_pixel_is_openposes(view: str) -> None:
    element, alpha = VIEWS[view]
    with np.load(RENDER / "gpu_heat_views.npz") as stored:
        background, factor = stored["background"], float(stored["scale_net_to_output"])
        maps = Maps((stored["maps_0"],), geometry((192, 128), factor))
    answer = cv2.imread(str(RENDER / f"gpu_heat_{view}.png"))
    picture = background.copy()
    assert draw_heat_view(picture, maps, BODY_25, element, alpha) is picture
    np.testing.assert_array_equal(picture, answer)
    reference = heat_views_reference.draw_heat_view(
        background, upsample(maps), BODY_25, element, factor, alpha
    )
    np.testing.assert_array_equal(reference, answer)


def test_all_golden_views_are_compared() -> None:
    assert {path.stem.removeprefix("gpu_heat_") for path in RENDER.glob("gpu_heat_*.png")} == set(
        VIEWS
    )


@pytest.mark.parametrize("name", ["BODY_25_scales4", "BODY_25_tiny_full", "BODY_25B_tiny_full"])
def test_upsampled_channels_are_those_that_people_are_found_in(name: str) -> None:
    maps = scene(name)
    channels = np.array([3, 0, 40])
    np.testing.assert_array_equal(upsample_channels(maps, channels), upsample(maps)[channels])


@pytest.mark.parametrize("ratio", [1, 2.5, 4])
def test_upsampled_channels_follow_the_upsampling_ratio(ratio: float) -> None:
    maps = scene("BODY_25_tiny_full")
    channels = np.arange(5)
    wanted = upsample(maps, ratio)[channels]
    np.testing.assert_array_equal(upsample_channels(maps, channels, ratio), wanted)


def test_maps_may_be_tensors() -> None:
    maps = scene("BODY_25_tiny_full")
    tensors = Maps(tuple(torch.from_numpy(it) for it in maps.scales), maps.geometry)
    channels = np.array([7, 50])
    np.testing.assert_array_equal(
        upsample_channels(tensors, channels), upsample_channels(maps, channels)
    )


@pytest.mark.parametrize("element", [1, 2, 4, 12])
@pytest.mark.parametrize("factor", [0.25, 1, 1.3])
def test_the_twins_draw_the_same_pixels(element: int, factor: float) -> None:
    size = round(1280 * factor), round(720 * factor)
    np.testing.assert_array_equal(
        *drawn_twice(scene("BODY_25_five_hd", size, factor), "BODY_25", element)
    )


@pytest.mark.parametrize("element", [3, 29, 40])
def test_the_twins_agree_on_pafs_but_for_the_rounding_of_angles(element: int) -> None:
    one, other = drawn_twice(scene("BODY_25_five_hd", (640, 360), 0.5), "BODY_25", element)
    differs = one != other
    assert differs.sum() < 20
    assert (np.abs(one.astype(int) - other) <= 1).all()


def test_the_twins_agree_on_a_model_without_background() -> None:
    maps = scene("BODY_25B_tiny_full", (90, 70))
    for element in range(1, elements(BODY_25B)):
        one, other = drawn_twice(maps, "BODY_25B", element)
        assert np.abs(one.astype(int) - other).max() <= 1, element


def test_colours_of_pafs_follow_every_angle_and_length() -> None:
    angle = np.linspace(-np.pi, np.pi, 100_001)
    for length in (0.01, 0.7, 1, 3):
        x = (length * np.cos(angle)).astype(np.float32)
        y = (length * np.sin(angle)).astype(np.float32)
        colours = np.zeros((3, len(x)), np.float32)
        add_wheel(x, y, colours)
        wanted = heat_views_reference.wheel(x, y).T
        np.testing.assert_allclose(colours, wanted, atol=0.002)
    zero = np.zeros(1, np.float32)
    colours = np.zeros((3, 1), np.float32)
    add_wheel(zero, zero, colours)
    assert not colours.any()


def test_low_values_are_dark_red_and_high_ones_dark_blue_as_openpose_codes_it() -> None:
    blue, green, red = heat_views_reference.jet(np.array([0, 0.5, 1], np.float32)).T
    assert red.tolist() == [128, 128, 0]
    assert green.tolist() == [0, 255, 0]
    assert blue.tolist() == [0, 128, 128]


def test_even_maps_give_even_pictures_up_to_the_edges() -> None:
    maps = Maps((np.full((78, 6, 8), 0.5, np.float32),), geometry((200, 150), 3.125))
    for element in (1, 2, 3, 4, 29):
        picture = draw_heat_view(
            np.zeros((150, 200, 3), np.uint8), maps, BODY_25, element, 1
        ).reshape(-1, 3)
        assert picture.any()
        assert (picture == picture[0]).all()


def test_a_picture_may_be_a_view_into_another() -> None:
    maps = scene("BODY_25_tiny_full", (64, 48))
    expected = draw_heat_view(noise(64, 48), maps, BODY_25, 2, 0.7)
    wide = np.zeros((48, 128, 3), np.uint8)
    wide[:, ::2] = noise(64, 48)
    draw_heat_view(wide[:, ::2], maps, BODY_25, 2, 0.7)
    np.testing.assert_array_equal(wide[:, ::2], expected)


def test_views_are_numbered_as_openpose_numbers_them() -> None:
    models = json.loads((GOLDEN / "skeletons.json").read_text())["models"]
    for name in ("BODY_25", "COCO", "MPI"):
        assert elements(read_skeleton(name)) == models[name]["elements_to_render"]
    names = [element_name(BODY_25, element) for element in (0, 1, 2, 3, 4, 28, 29, 54)]
    assert names == [
        "", "Background", "Heatmaps", "PAFs (Part Affinity Fields)", "Nose", "RHeel",
        "Neck->MidHip", "RAnkle->RHeel",
    ]  # fmt: skip


def test_every_part_of_a_model_without_background_has_a_view() -> None:
    names = [element_name(BODY_25B, element) for element in range(elements(BODY_25B))]
    assert names[1] == names[4] == "Nose"
    assert names[4:29] == list(BODY_25B.parts)
    assert len(names) == 4 + 25 + len(BODY_25B.limbs)


@pytest.mark.parametrize("element", [-1, 0, 55])
def test_a_view_that_does_not_exist_is_refused_with_the_range(element: int) -> None:
    maps = scene("BODY_25_tiny_full", (64, 48))
    with pytest.raises(UsageError, match=f"no heat map {element}") as refusal:
        draw_heat_view(noise(64, 48), maps, BODY_25, element, 0.7)
    assert "1 to 54" in str(refusal.value)
