"""--keypoint_scale against OpenPose's answers."""

from pathlib import Path

import numpy as np
import pytest

from openpose_py.records import Geometry
from openpose_py.stages.people.scale_keypoints import scale_keypoints

GOLDEN = Path(__file__).parents[2] / "golden" / "files" / "json"


@pytest.mark.parametrize("mode", range(7))
def test_scaled_keypoints_equal_openpose_bit_for_bit(mode):
    case = np.load(GOLDEN / f"keypoint_scale_{mode}_input.npz")
    geometry = Geometry(
        frame_size=tuple(case["producer_size"].tolist()),
        net_sizes=((656, 368),),
        frame_to_net=(0.34,),
        output_size=tuple(case["output_size"].tolist()),
        frame_to_output=float(case["scale_input_to_output"]),
        net_to_frame=float(np.float32(case["scale_net_to_output"])),
        peak_offset=0.2,
    )
    for plain, scaled in (
        ("unscaled_pose", case["pose_keypoints"]),
        ("unscaled_face", case["face_keypoints"]),
        ("unscaled_hands", np.stack([case["hand_left_keypoints"], case["hand_right_keypoints"]])),
    ):
        np.testing.assert_array_equal(scale_keypoints(case[plain], mode, geometry), scaled)


def test_a_frame_one_pixel_wide_divides_by_nothing():
    geometry = Geometry((1, 9), ((16, 368),), (1.0,), (1, 9), 1.0, 1.0, 0.5)
    scaled = scale_keypoints(np.ones((1, 2, 3), np.float32), 3, geometry)
    assert np.isfinite(scaled).all()
