import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest
from drawn.stick_people import PARTS, TINY_RECIPE, four_people, write_pack
from torch.utils.data import DataLoader

from openpose_py.train.recipe import AugmentRow, DataRow, Recipe, read_recipe
from openpose_py.train.samples import Samples, batch_numbers

LOUD = AugmentRow(
    person_size=(0.3, 1.2), size_law="log", shift=0.2, rotation=40, turned=0.1, aspect=0.1,
    mosaic=0.3, occlusions=2, colour=0.8, grey=0.2, blur=0.3, noise=0.3, cutout=0.3, jpeg=0.3,
)  # fmt: skip


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pack")
    write_pack(folder, [*four_people(), *[[person] for person in four_people()[0]]])
    (folder / "recipe.toml").write_text(TINY_RECIPE.format(steps=5))
    return folder


def samples(folder: Path, seed: int = 1, **changes: object) -> Samples:
    recipe = dataclasses.replace(read_recipe(folder / "recipe.toml"), **changes)
    return Samples(recipe, folder, seed, recipe.data)


def recipe_of(folder: Path) -> Recipe:
    return read_recipe(folder / "recipe.toml")


def test_a_sample_depends_on_seed_and_number_alone(pack: Path) -> None:
    first, second = samples(pack, augment=LOUD), samples(pack, augment=LOUD)
    [first[k] for k in range(5)]
    for k in (7, 3, 11):
        assert np.array_equal(first[k].pixels, second[k].pixels)
        assert np.array_equal(first[k].targets, second[k].targets)
    assert not np.array_equal(first[3].pixels, samples(pack, seed=2, augment=LOUD)[3].pixels)


def test_workers_do_not_change_the_order(pack: Path) -> None:
    read = samples(pack, augment=LOUD)
    loader = DataLoader(read, batch_sampler=batch_numbers(2, 2, 0, 1), num_workers=2,
                        collate_fn=list)  # fmt: skip
    batches = iter(loader)
    for step in (2, 3, 4):
        for sample, k in zip(next(batches), (2 * step, 2 * step + 1), strict=True):
            assert np.array_equal(sample.pixels, read[k].pixels)


def test_processes_share_each_steps_samples() -> None:
    def steps(rank: int, ranks: int) -> list[list[int]]:
        numbers = batch_numbers(5, 4, rank, ranks)
        return [next(numbers) for _ in range(2)]

    assert steps(0, 1) == [[20, 21, 22, 23], [24, 25, 26, 27]]
    assert sorted(steps(0, 2)[1] + steps(1, 2)[1]) == [24, 25, 26, 27]


def test_shapes_and_ranges(pack: Path) -> None:
    read = samples(pack, augment=LOUD)
    for k in range(12):
        sample = read[k]
        assert sample.pixels.shape == (3, 128, 128)
        assert sample.targets.shape == sample.weights.shape == (97, 16, 16)
        assert sample.targets[:25].min() >= 0
        assert np.abs(sample.targets).max() <= 1
        assert np.isfinite(sample.targets).all()


def test_a_mirrored_left_hand_is_a_right_hand(pack: Path) -> None:
    plain = recipe_of(pack).augment
    upright = samples(pack)[0]
    mirrored = samples(pack, augment=dataclasses.replace(plain, mirror=1))[0]
    assert np.array_equal(mirrored.pixels, upright.pixels[:, :, ::-1])
    left, right = PARTS.index("LWrist"), PARTS.index("RWrist")
    flipped = upright.targets[left, :, ::-1]
    assert upright.targets[left].any()
    assert np.abs(mirrored.targets[right] - flipped).max() < 1e-3


def test_labels_lie_where_the_person_is_drawn(pack: Path) -> None:
    """Turned, scaled, shifted: the drawn left side's colour is under the left wrist's peak."""
    turning = AugmentRow(person_size=(0.6, 0.9), shift=0.05, rotation=60, mirror=0)
    read, close = samples(pack, augment=turning), 0
    for k in range(30):
        sample = read[k]
        heat = sample.targets[PARTS.index("LWrist")]
        if heat.max() < 0.9:
            continue
        row, column = np.unravel_index(heat.argmax(), heat.shape)
        near = sample.pixels[:, row * 8 : row * 8 + 8, column * 8 : column * 8 + 8].astype(int)
        blue, red = near[0] - near[2], near[2] - near[0]
        assert blue.max() > 60 > red.max()
        close += 1
    assert close > 3


def test_a_picture_without_people_has_empty_maps(pack: Path, tmp_path: Path) -> None:
    (tmp_path / "n").mkdir()
    cv2.imwrite(str(tmp_path / "n" / "n.png"), np.full((50, 80, 3), 200, np.uint8))
    rows = (DataRow("nobody", pictures="n"),)
    sample = Samples(recipe_of(pack), tmp_path, 1, rows)[0]
    assert not sample.targets.any()
    assert (sample.weights == 1).all()


def test_the_background_stands_round_the_picture(pack: Path) -> None:
    cv2.imwrite(str(pack / "blue.png"), np.full((300, 300, 3), (255, 0, 0), np.uint8))
    (pack / "nobody").mkdir(exist_ok=True)
    (pack / "blue.png").rename(pack / "nobody" / "blue.png")
    recipe = recipe_of(pack)
    rows = (*recipe.data, DataRow("nobody", pictures="nobody", share=0))
    small = dataclasses.replace(
        recipe.augment, backgrounds=True, least_fill=0, scene_size=(0.5, 0.5)
    )
    read = Samples(dataclasses.replace(recipe, augment=small), pack, 1, rows)
    blue = [bool((read[k].pixels[:, 0, 0] == (255, 0, 0)).all()) for k in range(12)]
    assert all(blue)


def test_a_silent_part_is_not_learnt(pack: Path) -> None:
    rows = (dataclasses.replace(recipe_of(pack).data[0], parts=("Nose", "LEye")),)
    sample = Samples(recipe_of(pack), pack, 1, rows)[0]
    learnt = [n for n in range(25) if sample.weights[n].any()]
    assert [PARTS[n] for n in learnt] == ["Nose", "LEye"]
    assert not sample.targets[2:25].any()


def test_labels_that_may_be_missing_are_learnt_only_where_they_are(pack: Path) -> None:
    rows = (dataclasses.replace(recipe_of(pack).data[0], positive_only=("Nose",)),)
    sample = Samples(recipe_of(pack), pack, 1, rows)[0]
    assert sample.targets[0].max() > 0.5
    assert (sample.weights[0] > 0).tolist() == (sample.targets[0] > 0).tolist()
    assert (sample.weights[1] == 1).all()
