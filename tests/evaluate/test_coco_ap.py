"""Average precision and recall: equal to pycocotools, whatever people and results are there."""

import contextlib
import copy
import dataclasses
import io
import math

import numpy as np
import pytest
from evaluate.made_people import COCO, as_results, random_results, random_truth, write_json
from hypothesis import given, settings
from hypothesis import strategies as st

from openpose_py.evaluate.coco_ap import Figures, Pair, coco_figures, extent, oks
from openpose_py.evaluate.ground_truth import read_ground_truth
from openpose_py.evaluate.pairs import pairs_of
from openpose_py.evaluate.results_in import read_coco_results


def ours(folder, truth, results) -> Figures:
    read = read_ground_truth(write_json(folder / "truth.json", truth))
    found = read_coco_results(write_json(folder / "results.json", results), read)
    return coco_figures(pairs_of(read, found, COCO), COCO.sigmas)


def theirs(truth, results) -> list[float]:
    tools = pytest.importorskip("pycocotools.coco")
    judge = pytest.importorskip("pycocotools.cocoeval")
    with contextlib.redirect_stdout(io.StringIO()):
        coco = tools.COCO()
        coco.dataset = copy.deepcopy(truth)
        coco.createIndex()
        run = judge.COCOeval(coco, coco.loadRes(copy.deepcopy(results)), "keypoints")
        run.evaluate()
        run.accumulate()
        run.summarize()
    return run.stats.tolist()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 8))
def test_the_ten_figures_are_those_of_pycocotools(tmp_path_factory, seed, pictures):
    random = np.random.default_rng(seed)
    truth = random_truth(random, pictures)
    results = random_results(random, truth)
    if not results:
        return
    found = dataclasses.astuple(ours(tmp_path_factory.mktemp("ap"), truth, results))
    found = [-1.0 if math.isnan(value) else value for value in found]
    assert found == pytest.approx(theirs(truth, results), abs=1e-9)


def test_results_with_boxes_are_sized_by_them_as_in_pycocotools(tmp_path):
    random = np.random.default_rng(3)
    truth = random_truth(random, 20)
    results = random_results(random, truth)
    for row in results:
        row["bbox"] = [0.0, 0.0, *random.choice([5.0, 31.0, 50.0, 300.0], 2).tolist()]
    found = dataclasses.astuple(ours(tmp_path, truth, results))
    assert found == pytest.approx(theirs(truth, results), abs=1e-9)


def test_the_ground_truth_against_itself_is_perfect(tmp_path):
    truth = random_truth(np.random.default_rng(0), 30)
    truth["annotations"] = [row for row in truth["annotations"] if row["id"] not in twins(truth)]
    figures = ours(tmp_path, truth, as_results(truth))
    assert dataclasses.astuple(figures) == pytest.approx((1.0,) * 10)


def twins(truth) -> set[int]:
    """Annotations that stand at the same place as an earlier one."""
    seen: set[tuple] = set()
    again = set()
    for row in truth["annotations"]:
        place = (row["image_id"], *row["keypoints"])
        again |= {row["id"]} if place in seen else set()
        seen.add(place)
    return again


def test_nobody_found_scores_zero_and_nobody_there_has_no_figure(tmp_path):
    truth = random_truth(np.random.default_rng(1), 10)
    assert ours(tmp_path, truth, []).ap == 0.0
    truth["annotations"] = []
    assert math.isnan(ours(tmp_path, truth, []).ap)


def one_person(found: np.ndarray, scores: np.ndarray) -> Pair:
    """One annotated person of 100 x 100 pixels with a single labelled point at 10, 10."""
    true = np.zeros((1, 17, 3))
    true[0, 5] = 10, 10, 2
    return Pair(
        true=true, boxes=np.array([[0.0, 0.0, 100.0, 100.0]]), areas=np.array([10000.0]),
        crowd=np.array([False]), ignored=np.array([False]),
        found=found, found_areas=extent(found), scores=scores,
    )  # fmt: skip


def test_oks_falls_with_the_squared_distance_over_area_and_sigma():
    found = np.zeros((1, 17, 3))
    found[0, 5] = 10 + 7.9, 10, 1
    # a shoulder's sigma is 0.079: exp(-7.9**2 / (2 * 10000 * (2 * 0.079)**2))
    expected = math.exp(-(7.9**2) / (2 * 10000 * 0.158**2))
    assert oks(one_person(found, np.ones(1)), COCO.sigmas)[0, 0] == pytest.approx(expected)


def test_a_second_answer_for_one_person_costs_precision_only_if_it_is_surer():
    found = np.zeros((2, 17, 3))
    found[0, 5] = 10, 10, 1
    found[1, 5] = 90, 90, 1
    assert coco_figures([one_person(found, np.array([0.9, 0.1]))], COCO.sigmas).ap == pytest.approx(
        1.0
    )
    worse = coco_figures([one_person(found, np.array([0.1, 0.9]))], COCO.sigmas)
    assert worse.ap == pytest.approx(0.5)
    assert worse.ar == 1.0
