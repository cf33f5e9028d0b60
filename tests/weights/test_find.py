from pathlib import Path

import pytest

from openpose_py.errors import MissingModel
from openpose_py.weights.find import find_weights
from openpose_py.zoo.cards import card_named

COCO = card_named("COCO")
CAFFE = COCO.files[0].path


def put(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


def test_the_file_is_found_where_openpose_keeps_it(tmp_path: Path) -> None:
    wanted = put(tmp_path / CAFFE)
    assert find_weights(COCO, tmp_path) == wanted


def test_the_bare_file_is_found_in_the_folder(tmp_path: Path) -> None:
    wanted = put(tmp_path / Path(CAFFE).name)
    assert find_weights(COCO, tmp_path) == wanted


def test_the_published_place_goes_before_the_others(tmp_path: Path) -> None:
    for file in COCO.files:
        put(tmp_path / file.path)
    assert find_weights(COCO, tmp_path) == tmp_path / CAFFE


def test_a_later_file_of_the_card_is_found(tmp_path: Path) -> None:
    wanted = put(tmp_path / COCO.files[-1].path)
    assert find_weights(COCO, tmp_path) == wanted


def test_the_flag_is_read_below_the_folder_and_alone_counts(tmp_path: Path) -> None:
    put(tmp_path / CAFFE)
    wanted = put(tmp_path / "own" / "mine.caffemodel")
    assert find_weights(COCO, tmp_path, "own/mine.caffemodel") == wanted
    with pytest.raises(MissingModel) as caught:
        find_weights(COCO, tmp_path, "own/other.caffemodel")
    assert "own/other.caffemodel" in caught.value.what
    assert caught.value.where == "--caffemodel_path"


def test_the_flag_may_be_absolute_or_relative_to_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = put(tmp_path / "here" / "mine.caffemodel")
    assert find_weights(COCO, tmp_path / "models", str(wanted)) == wanted
    monkeypatch.chdir(tmp_path)
    found = find_weights(COCO, tmp_path / "models", "here/mine.caffemodel")
    assert found.resolve() == wanted.resolve()


def test_a_missing_file_is_said_with_place_licence_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MissingModel) as caught:
        find_weights(COCO, tmp_path)
    text = str(caught.value)
    assert caught.value.exit_code == 4
    for part in (CAFFE, str(tmp_path / CAFFE), COCO.licence, COCO.files[0].sources[0]):
        assert part in text
    assert "--model_folder DIR" in text and len(text.splitlines()) <= 5


def test_a_folder_of_that_name_is_no_file(tmp_path: Path) -> None:
    (tmp_path / CAFFE).mkdir(parents=True)
    with pytest.raises(MissingModel):
        find_weights(COCO, tmp_path)
