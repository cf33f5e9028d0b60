import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from openpose_py.records import Geometry, Maps, Result
from openpose_py.stages.writers.map_files import MapFiles

MakeResult = Callable[..., Result]

DECODER = Path(__file__).parents[2] / "golden" / "decoder"
FACTS = (
    "model", "producer_size", "net_input_size", "net_input_sizes", "scale_number",
    "scale_input_to_net_inputs", "scale_net_to_output", "nms_offset",
)  # fmt: skip
PIXELS = np.zeros((4, 4, 3), np.uint8)


def golden_maps(stored: np.lib.npyio.NpzFile) -> Maps:
    width, height = stored["producer_size"].tolist()
    geometry = Geometry(
        frame_size=(width, height),
        net_sizes=tuple((w, h) for w, h in stored["net_input_sizes"].tolist()),
        frame_to_net=tuple(stored["scale_input_to_net_inputs"].tolist()),
        output_size=(width, height),
        frame_to_output=1.0,
        net_to_frame=float(stored["scale_net_to_output"]),
        peak_offset=float(stored["nms_offset"]),
    )
    scales = [stored[f"maps_{n}"].astype(np.float32) for n in range(int(stored["scale_number"]))]
    return Maps(tuple(scales), geometry)


def test_a_file_says_what_a_golden_scene_says(tmp_path: Path, make_result: MakeResult) -> None:
    with np.load(DECODER / "BODY_25B_scales2.npz") as golden:
        maps = golden_maps(golden)
        MapFiles(tmp_path, "BODY_25B").write(make_result(PIXELS, name="a", maps=maps))
        with np.load(tmp_path / "a_maps.npz") as written:
            for key in FACTS:
                assert written[key].dtype == golden[key].dtype, key
                np.testing.assert_array_equal(written[key], golden[key], key)
            for key in ("maps_0", "maps_1"):
                assert written[key].dtype == np.float32
                np.testing.assert_array_equal(written[key], golden[key])
            assert set(written) == {*FACTS, "maps_0", "maps_1"}


def test_torch_tensors_are_stored_too(tmp_path: Path, make_result: MakeResult) -> None:
    with np.load(DECODER / "BODY_25_tiny_full.npz") as golden:
        maps = golden_maps(golden)
    tensors = Maps(tuple(torch.from_numpy(scale).half() for scale in maps.scales), maps.geometry)
    MapFiles(tmp_path, "BODY_25").write(make_result(PIXELS, name="a", maps=tensors))
    with np.load(tmp_path / "a_maps.npz") as written:
        assert written["maps_0"].dtype == np.float32
        np.testing.assert_array_equal(written["maps_0"], maps.scales[0])


def test_a_result_without_maps_leaves_no_file(tmp_path: Path, make_result: MakeResult) -> None:
    writer = MapFiles(tmp_path, "BODY_25")
    writer.write(make_result(PIXELS))
    writer.close()
    assert not os.listdir(tmp_path)
