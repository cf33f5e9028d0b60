import time

import numpy as np
import pytest
import torch
from drawn.crowd import drawn_maps
from drawn.decoder_scenes import NAMES, QUICK, Scene, scene

from openpose_py.errors import UsageError
from openpose_py.records import Geometry, Maps
from openpose_py.stages.people.decode import decode, warm_up
from openpose_py.stages.people.options import options_for
from openpose_py.zoo.cards import card_named
from openpose_py.zoo.skeletons import read_skeleton

SLOW = [name for name in NAMES if name not in QUICK]


def as_golden(scene: Scene, backend: str) -> None:
    """No tolerance: both backends round every operation as the stored answers do."""
    people, peaks = decode(scene.maps, scene.skeleton, scene.options, backend)
    np.testing.assert_array_equal(peaks.starts, scene.peaks.starts)
    np.testing.assert_array_equal(peaks.table, scene.peaks.table)
    wanted = scene.answers["cuda_keypoints"].reshape(-1, len(scene.skeleton.parts), 3)
    np.testing.assert_array_equal(people.keypoints, wanted)
    np.testing.assert_array_equal(people.scores, scene.answers["cuda_scores"])


@pytest.mark.parametrize("name", NAMES)
def test_the_compiled_decoder_answers_as_openpose(name):
    as_golden(scene(name), "cpu")


@pytest.mark.parametrize("name", QUICK)
def test_the_definition_answers_as_openpose(name):
    as_golden(scene(name), "reference")


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_the_definition_answers_as_openpose_in_the_large_scenes_too(name):
    as_golden(scene(name), "reference")


def maps_of(model: str, people: int, size: tuple[int, int], seed: int = 0) -> Maps:
    drawn, _ = drawn_maps(read_skeleton(model), people, size, seed)
    return Maps((drawn,), Geometry(size, (size,), (1.0,), size, 1.0, 1.0, 0.5))


@pytest.mark.parametrize("model", ["BODY_25", "BODY_25B", "COCO", "MPI", "BODY_135"])
@pytest.mark.parametrize("people", [0, 1, 7, 60, 150])
def test_as_many_people_are_found_as_are_drawn(model, people):
    found, _ = decode(
        maps_of(model, people, (656, 368), seed=people),
        read_skeleton(model),
        options_for(card_named(model), max_peaks=0),
    )
    assert len(found) == people


def test_drawn_people_are_found_where_they_are():
    skeleton, size = read_skeleton("BODY_25"), (656, 368)
    maps, drawn = drawn_maps(skeleton, 5, size, seed=2)
    geometry = Geometry((1312, 736), (size,), (0.5,), size, 1.0, 2.0, 0.25)
    found, _ = decode(Maps((maps,), geometry), skeleton, options_for(card_named("BODY_25")))
    order = np.argsort(found.keypoints[:, 0, 0]), np.argsort(drawn[:, 0, 0])
    apart = found.keypoints[order[0], :, :2] - 2 * drawn[order[1], :, :2]
    assert np.abs(apart).max() < 4  # frame pixels: half a cell of the net's map is 8


def test_only_the_first_peaks_of_a_part_are_kept_unless_all_are_asked_for():
    maps, skeleton, card = (
        maps_of("MPI", 150, (656, 368)),
        read_skeleton("MPI"),
        card_named("MPI"),
    )
    _, few = decode(maps, skeleton, options_for(card, max_peaks=3))
    _, all_ = decode(maps, skeleton, options_for(card, max_peaks=0))
    assert [len(few.of(part)) for part in range(few.parts)] == [3] * len(skeleton.parts)
    assert [len(all_.of(part)) for part in range(all_.parts)] == [150] * len(skeleton.parts)
    np.testing.assert_array_equal(few.of(4), all_.of(4)[:3])


def test_tensors_half_precision_and_read_only_maps_are_taken():
    maps, skeleton = maps_of("MPI", 3, (320, 176)), read_skeleton("MPI")
    options = options_for(card_named("MPI"))
    half = maps.scales[0].astype(np.float16)
    wanted, _ = decode(Maps((half.astype(np.float32),), maps.geometry), skeleton, options)
    frozen = half.astype(np.float32)
    frozen.flags.writeable = False
    for scale in (half, torch.from_numpy(half), frozen):
        found, _ = decode(Maps((scale,), maps.geometry), skeleton, options)
        np.testing.assert_array_equal(found.keypoints, wanted.keypoints)


def test_a_frame_without_people_has_empty_arrays_of_the_right_shape():
    people, peaks = decode(
        maps_of("COCO", 0, (64, 48)), read_skeleton("COCO"), options_for(card_named("COCO"))
    )
    assert people.keypoints.shape == (0, 18, 3) and peaks.table.shape == (0, 3)


def test_a_backend_that_is_not_there_is_a_usage_error_that_names_the_near_one():
    with pytest.raises(UsageError, match="did you mean cpu"):
        decode(
            maps_of("MPI", 0, (64, 48)), read_skeleton("MPI"), options_for(card_named("MPI")), "cp"
        )


def test_maps_of_another_model_are_a_usage_error():
    with pytest.raises(UsageError, match="BODY_25"):
        decode(
            maps_of("MPI", 0, (64, 48)),
            read_skeleton("BODY_25"),
            options_for(card_named("BODY_25")),
        )


def test_warming_up_leaves_nothing_to_compile():
    warm_up()
    begin = time.perf_counter()
    scene_ = scene("MPI_one")
    decode(scene_.maps, scene_.skeleton, scene_.options)
    assert time.perf_counter() - begin < 1
