"""The files of spans as those of one piece."""

from pathlib import Path

import numpy as np
import pytest

from openpose_py.batch.join import join_coco
from openpose_py.records import Frame, People, Result
from openpose_py.stages.writers.coco_json import CocoJson


def write_coco(path: Path, frames: range, people_in: set[int]) -> None:
    writer = CocoJson(path, 1, "BODY_25")
    for index in frames:
        count = 2 if index in people_in else 0
        keypoints = np.full((count, 25, 3), index + 0.25, np.float32)
        people = People(keypoints, np.ones(count, np.float32))
        pixels = np.zeros((4, 4, 3), np.uint8)
        frame = Frame(pixels, index, f"walk_{index:012d}", index / 10, "walk.mp4")
        writer.write(Result(frame, people))
    writer.close()


@pytest.mark.parametrize("people_in", [set(range(9)), {1, 8}, {4}, set()])
def test_coco_files_of_spans_have_the_bytes_of_one(tmp_path, people_in):
    write_coco(tmp_path / "whole.json", range(9), people_in)
    parts = []
    for first in (0, 3, 6):
        parts.append(tmp_path / f"part{first}.json")
        write_coco(parts[-1], range(first, first + 3), people_in)
    join_coco(parts, tmp_path / "joined.json")
    assert (tmp_path / "joined.json").read_bytes() == (tmp_path / "whole.json").read_bytes()
