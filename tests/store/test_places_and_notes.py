"""Where files are looked for, what is remembered between commands, and what a list says."""

from pathlib import Path

import pytest

from openpose_py.errors import MissingModel, ModelFileError, UsageError
from openpose_py.store.catalogue import catalogue, entry_named
from openpose_py.store.listing import as_table, listing, short_licence
from openpose_py.store.notes import licence_agreed, pin_digest, pinned_digest, remember_licence
from openpose_py.weights.find import cache_folder, converted_place, find_weights, weights_there
from openpose_py.zoo.cards import card_named
from openpose_py.zoo.toml_rows import read_toml

ROOT = Path(__file__).parents[2]
COCO = card_named("COCO")
NOT_CARDS = ("skeletons", "keypoint_sets", "recipes")


def put(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


def test_the_model_folder_goes_before_the_cache_and_that_before_the_package(tmp_path, cache):
    assert cache_folder() == cache
    compact = card_named("BODY_25B_COMPACT")
    packaged = weights_there(compact, tmp_path)
    assert packaged and packaged.name == "body_25b_compact.safetensors"
    in_cache = put(cache / compact.files[0].path)
    assert find_weights(compact, tmp_path) == in_cache
    in_folder = put(tmp_path / compact.files[0].path)
    assert find_weights(compact, tmp_path) == in_folder


def test_a_converted_file_stands_in_the_place_of_the_published_one(tmp_path, cache):
    converted = put(converted_place(cache, COCO.files[0]))
    assert converted == cache / "pose" / "coco" / "pose_iter_440000.safetensors"
    assert find_weights(COCO, tmp_path) == converted
    published = put(cache / COCO.files[0].path)
    assert find_weights(COCO, tmp_path) == published


def test_a_missing_file_names_the_one_command_that_gets_it(tmp_path):
    with pytest.raises(MissingModel, match="not there") as caught:
        find_weights(COCO, tmp_path)
    assert "type: openpose-py models pull COCO" in str(caught.value)
    alone = card_named("BODY_25B_COMPACT")
    file = alone.files[0].__class__("none/at_all.pth", "body_25b_compact")
    with pytest.raises(MissingModel) as caught:
        find_weights(alone.__class__(**{**vars(alone), "files": (file,)}), tmp_path)
    assert "openpose-py models import FILE --name BODY_25B_COMPACT" in str(caught.value)


def test_answers_and_pins_are_remembered(cache):
    assert not licence_agreed("terms") and not pinned_digest("a")
    remember_licence("terms")
    remember_licence("other terms")
    pin_digest("a", "12")
    assert licence_agreed("terms") and licence_agreed("other terms") and not licence_agreed("third")
    assert pinned_digest("a") == "12"
    assert sorted(path.name for path in cache.iterdir()) == ["licences.json", "pins.json"]


@pytest.mark.parametrize("text", ["{", "[]", "\xff"])
def test_a_damaged_note_is_one_error_that_says_what_to_do(cache, text):
    put(cache / "pins.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(ModelFileError, match="cannot be read") as caught:
        pinned_digest("a")
    assert "delete it" in str(caught.value)


def test_the_list_can_be_narrowed_down(tmp_path):
    everything = listing(tmp_path)
    assert {row.card.name for row in everything} == set(catalogue())
    assert {row.entry.family for row in listing(tmp_path, family="tf_pose")} == {"tf_pose"}
    assert {row.card.skeleton for row in listing(tmp_path, skeleton="MPI")} == {"MPI"}
    here = listing(tmp_path, present=True)
    assert "BODY_25B_COMPACT" in {row.card.name for row in here}
    assert len(here) + len(listing(tmp_path, present=False)) == len(everything)
    with pytest.raises(UsageError, match="there is no 'opnpose'") as caught:
        listing(tmp_path, family="opnpose")
    assert "did you mean openpose?" in str(caught.value)


def test_a_row_tells_all_of_its_card(tmp_path):
    table = as_table(next(row for row in listing(tmp_path) if row.card.name == "COCO"))
    assert table["present"] is False and table["files"][0]["md5"] == COCO.files[0].md5
    assert short_licence(COCO) == "academic or non-profit non-commercial research"
    assert entry_named("MPII").card.name == "MPI"
    with pytest.raises(UsageError, match="no model 'COCCO'"):
        entry_named("COCCO")


CARDS = [
    path
    for path in sorted((ROOT / "models").glob("*/*.toml"))
    if path.parent.name not in NOT_CARDS
]  # fmt: skip


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.stem)
def test_a_card_names_terms_conditions_and_addresses(path):
    table = read_toml(path)
    assert table["name"].lower() == path.stem.lower() and table["licence"] and table["files"]
    assert all(figure["conditions"] and figure["value"] > 0 for figure in table.get("figures", []))
    for file in table["files"]:
        assert file["network"] in table["networks"]
        assert not Path(file["path"]).is_absolute() and ".." not in Path(file["path"]).parts
        assert all(one.startswith(("https://", "http://")) for one in file.get("sources", []))
        assert len(file.get("sha256", "")) in (0, 64) and len(file.get("md5", "")) in (0, 32)


def test_every_published_row_has_a_card():
    families = {}
    for path in CARDS:
        families.setdefault(path.parent.name, set()).add(path.stem)
    assert len(families["alphapose"]) == 22 and len(families["gccpm"]) == 2
    assert {"BODY_25", "BODY_25B_option1", "BODY_25B_option2", "BODY_135"} <= families["openpose"]
    assert {"COCO", "MPI", "MPI_4_layers"} <= families["openpose"]
    assert families["openpose_parts"] == {"FACE", "HAND"} and "yolov3_spp" in families["detectors"]
