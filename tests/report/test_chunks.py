"""The blocks of a page, unpacked by a plain reader."""

import struct
import zlib

import numpy as np
import pytest
from drawn.recordings import walkers

from openpose_py.report import chunks
from openpose_py.report.chunks import FRAMES, Packer, frame_block, step_of
from openpose_py.report.read_json import FramePeople

Rows = dict[tuple[int, int], np.ndarray]  # (frame, person) -> points (parts, 3)


def unpacked(block: bytes) -> Rows:
    """Reads value by value what chunks.py describes."""
    data = zlib.decompress(block)
    first, _, rows, parts = struct.unpack_from("<4i", data)
    (step,) = struct.unpack_from("<f", data, 16)
    people = struct.unpack_from(f"<{rows}i", data, 20)
    at = 20 + 4 * rows
    frames = struct.unpack_from(f"<{rows}H", data, at)
    at += 2 * rows
    places = np.frombuffer(data, "<i2", 2 * parts * rows, at).reshape(parts, 2, rows)
    scores = np.frombuffer(data, "u1", parts * rows, at + 4 * parts * rows).reshape(parts, rows)
    found: Rows = {}
    for row in range(rows):
        points = np.zeros((parts, 3))
        for part in range(parts):
            for axis in range(2):
                total = sum(int(one) for one in places[part, axis, : row + 1])
                points[part, axis] = ((total + (1 << 15)) % (1 << 16) - (1 << 15)) * step
            total = sum(int(one) for one in scores[part, : row + 1])
            points[part, 2] = total % 256 / 200
        found[first + frames[row], people[row]] = points
    return found


def packed(frames: list[FramePeople], parts: int = 25) -> tuple[Packer, Rows]:
    packer, found = Packer(), {}
    for block in packer.blocks(frames, parts):
        found |= unpacked(block)
    return packer, found


def test_points_come_back_to_a_sixteenth_of_a_pixel_and_half_a_hundredth_of_a_score():
    made = list(walkers(7, 3))
    frames = [
        FramePeople(n, None, [(7 * m, person.ravel()) for m, person in enumerate(people)])
        for n, people in enumerate(made)
    ]
    packer, found = packed(frames)
    assert packer.numbers == list(range(7)) and packer.rows == 21 and packer.has_ids
    assert set(found) == {(n, 7 * m) for n in range(7) for m in range(3)}
    for n, people in enumerate(made):
        for m, person in enumerate(people):
            assert np.abs(found[n, 7 * m][:, :2] - person[:, :2]).max() <= 1 / 32 + 1e-4
            assert np.abs(found[n, 7 * m][:, 2] - person[:, 2]).max() <= 1 / 400 + 1e-6


def test_people_without_ids_go_by_their_place_and_missing_points_stay_missing():
    person = np.zeros((25, 3), np.float32)
    person[4] = 10.5, 20.25, 0.001
    frames = [FramePeople(3, None, [(-1, person.ravel()), (-1, np.zeros(75, np.float32))])]
    packer, found = packed(frames)
    assert not packer.has_ids and set(found) == {(0, -1), (0, -2)}
    assert found[0, -1][4].tolist() == [10.5, 20.25, 0.005]  # found stays found
    assert not found[0, -2].any() and not np.delete(found[0, -1], 4, axis=0).any()


@pytest.mark.parametrize("largest", [0.0, 0.4, 1.0, 719.0, 2048.0, 7679.9])
def test_every_extent_fits_into_sixteen_bits(largest):
    points = np.zeros((2, 1, 3), np.float32)
    points[0, 0] = largest, -largest, 1
    step = step_of(points)
    assert step > 0 and largest / step < 1 << 15
    found = packed([FramePeople(0, None, [(0, points[0].ravel())])], 1)[1][0, 0]
    assert found[0, :2] == pytest.approx([largest, -largest], abs=step)


def test_long_recordings_go_into_several_blocks(monkeypatch):
    monkeypatch.setattr(chunks, "FRAMES", 4)
    frames = [FramePeople(n, None, [(1, np.ones(3, np.float32))] * (n % 2)) for n in range(10)]
    packer, found = packed(frames, 1)
    assert len(list(Packer().blocks(frames, 1))) == 3 and FRAMES < 1 << 16
    assert sorted(found) == [(n, 1) for n in range(1, 10, 2)] and packer.rows == 5


def test_numbers_and_times_of_frames_are_differences():
    block = np.frombuffer(zlib.decompress(frame_block([4, 6, 9], [0.1, 0.2, 0.35])), "<i4")
    assert block.reshape(2, 3).cumsum(axis=1).tolist() == [[4, 6, 9], [1000, 2000, 3500]]
