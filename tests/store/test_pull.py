"""Downloads from a server that breaks off, lies, redirects, falls silent and sends other things."""

import dataclasses
import hashlib
import re

import pytest
from drawn.broken_server import BREAK_AT

from openpose_py.errors import MissingModel, OutputError, UsageError
from openpose_py.store.check_file import AS_FIRST, NEW, PUBLISHED
from openpose_py.store.fetch import SourceFailed, Wish, address_of, fetch
from openpose_py.store.notes import pinned_digest
from openpose_py.store.pull import pull, row_named
from openpose_py.zoo.cards import WeightFile, card_named

NETWORK = "tfpose_mobilenet_v2_small"
PATH = "graph/weights.pth"


@pytest.fixture
def card_of(server, weights):
    """A card with one file and these behaviours as addresses. known: size and digest are named."""

    def card(*behaviours: str, known: bool = True, **facts):
        if known:
            facts = {
                "bytes": len(weights), "sha256": hashlib.sha256(weights).hexdigest(), **facts,
            }  # fmt: skip
        sources = tuple(map(server.address, behaviours))
        file = WeightFile(PATH, NETWORK, sources=sources, **facts)
        return dataclasses.replace(card_named("mobilenet_v2_small"), files=(file,))

    return card


def get(card, folder, patience: float = 5.0):
    return pull(card, None, folder, lambda done, total: None, patience)


def left_over(folder) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(
    "behaviour", ["good", "whole_always", "redirects", "breaks", "range_refused"]
)
def test_a_file_comes_whole_however_it_is_sent(card_of, weights, tmp_path, behaviour, known):
    pulled = get(card_of(behaviour, known=known), tmp_path)
    assert pulled.path == tmp_path / PATH and pulled.path.read_bytes() == weights
    assert pulled.checked == (PUBLISHED if known else NEW)
    assert left_over(tmp_path / "graph") == ["weights.pth"]


def test_a_broken_download_goes_on_where_it_stopped(card_of, server, weights, tmp_path):
    get(card_of("breaks"), tmp_path)
    wanted = [f"bytes={start}-" for start in range(BREAK_AT, len(weights), BREAK_AT)]
    assert [asked for _, asked in server.requests] == ["", *wanted]


def test_with_a_digest_another_address_goes_on_where_one_broke_off(card_of, server, tmp_path):
    get(card_of("breaks_without_ranges", "good"), tmp_path)
    assert server.requests[-1] == ("good", f"bytes={BREAK_AT}-")


def test_without_a_digest_another_address_starts_anew(card_of, server, weights, tmp_path):
    pulled = get(card_of("breaks_without_ranges", "good", known=False), tmp_path)
    assert server.requests[-1] == ("good", "") and pulled.path.read_bytes() == weights


def test_a_later_run_goes_on_with_what_an_earlier_one_left(card_of, server, weights, tmp_path):
    with pytest.raises(MissingModel):
        get(card_of("breaks_without_ranges"), tmp_path)
    assert ".part-weights.pth" in left_over(tmp_path)
    get(card_of("good"), tmp_path)
    assert server.requests[-1] == ("good", f"bytes={BREAK_AT}-")
    assert left_over(tmp_path) == ["weights.pth"]


def test_a_start_that_is_wrong_is_thrown_away(card_of, weights, tmp_path):
    part = tmp_path / "graph" / ".part-weights.pth"
    part.parent.mkdir()
    for left in (b"other bytes" * 9, bytes(len(weights)), weights + b"more"):
        part.write_bytes(left)
        assert get(card_of("good"), tmp_path).path.read_bytes() == weights


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        ("says_more", "bytes, wanted"),
        ("says_less", "bytes, wanted"),
        ("says_huge", "bytes, wanted"),
        ("never_ends", "sends more than"),
        ("wrong_bytes", "is not the published file: its sha256 is"),
        ("page", "a web page"),
        ("missing", "404"),
        ("redirects_for_ever", "302"),
        ("redirects_to_a_file", "302"),
        ("is_down", "503"),
        ("is_no_http", "broke off 3 times"),
        ("other_range", "broke off 3 times"),
        ("falls_silent", "broke off 3 times"),
    ],
)
def test_a_bad_address_is_named_with_its_reason_and_the_next_is_tried(
    card_of, weights, server, tmp_path, behaviour, said
):
    bad = card_of(behaviour if behaviour != "missing" else "good")
    if behaviour == "missing":
        address = server.address("good", "no_such_file")
        bad = dataclasses.replace(
            bad, files=(dataclasses.replace(bad.files[0], sources=(address,)),)
        )
    with pytest.raises(MissingModel) as caught:
        get(bad, tmp_path, 0.3)
    text = str(caught.value)
    assert said in text and bad.files[0].sources[0] in text and "models import FILE" in text
    assert not (tmp_path / PATH).exists()
    both = dataclasses.replace(
        bad.files[0], sources=(*bad.files[0].sources, server.address("good"))
    )
    pulled = get(dataclasses.replace(bad, files=(both,)), tmp_path, 0.3)
    assert pulled.path.read_bytes() == weights and pulled.source == server.address("good")


@pytest.mark.parametrize("behaviour", ["says_less", "says_huge", "page"])
def test_without_a_digest_the_content_decides(card_of, tmp_path, behaviour):
    with pytest.raises(MissingModel):
        get(card_of(behaviour, known=False), tmp_path)
    assert not (tmp_path / PATH).exists()


def test_the_first_bytes_are_pinned_and_others_refused_later(card_of, server, weights, tmp_path):
    assert get(card_of("good", known=False), tmp_path).checked == NEW
    assert pinned_digest(PATH) == hashlib.sha256(weights).hexdigest()
    assert get(card_of("good", known=False), tmp_path / "again").checked == AS_FIRST
    server.files["weights.pth"] = weights[:-30] + b"x" + weights[-29:]
    with pytest.raises(MissingModel, match="could not be got") as caught:
        get(card_of("good", known=False), tmp_path / "other")
    assert "is not the first pulled file" in str(caught.value)


def test_a_network_of_another_model_is_refused(card_of, tmp_path):
    card = card_of("good", known=False)
    other = dataclasses.replace(card.files[0], network="coco")
    with pytest.raises(MissingModel) as caught:
        get(dataclasses.replace(card, files=(other,)), tmp_path)
    assert "holds mobilenet_v2_small, not COCO" in str(caught.value)


def test_the_next_row_of_a_card_is_taken_where_the_first_cannot_be_had(card_of, tmp_path):
    card = card_of("good")
    gone = WeightFile("graph/gone.pb", NETWORK, sources=("http://127.0.0.1:9/gone",))
    pulled = get(dataclasses.replace(card, files=(gone, *card.files)), tmp_path)
    assert pulled.path == tmp_path / PATH


def test_both_files_of_openvino_come_the_described_one_last(card_of, server, tmp_path):
    server.files |= {"net.xml": b"<?xml version='1.0'?><net/>", "net.bin": b"\x00\x01\xff" * 9}
    file = WeightFile("FP32/net.xml", NETWORK, sources=(server.address("good", "net.xml"),))
    pulled = get(dataclasses.replace(card_of("good"), files=(file,)), tmp_path)
    assert pulled.path == tmp_path / "FP32" / "net.xml"
    assert left_over(tmp_path / "FP32") == ["net.bin", "net.xml"]


def test_a_folder_that_cannot_be_made_is_one_error(card_of, tmp_path):
    (tmp_path / "graph").write_bytes(b"a file")
    with pytest.raises(OutputError, match="graph"):
        get(card_of("good"), tmp_path)


def test_the_row_of_a_part_of_its_path(card_of):
    card = card_named("human-pose-estimation-0001")
    row = row_named(card, "FP16/")
    assert row and re.search("/FP16/", row.path)
    assert row_named(card, "") is None
    with pytest.raises(UsageError, match="fits 2 files"):
        row_named(card, "FP16")


def test_a_shared_file_of_google_drive_becomes_the_address_of_its_bytes():
    wanted = "https://drive.usercontent.google.com/download?id=1-a_B&export=download&confirm=t"
    for source in ("open?id=1-a_B", "file/d/1-a_B", "file/d/1-a_B/view?usp=sharing", "uc?id=1-a_B"):
        assert address_of(f"https://drive.google.com/{source}") == wanted
    assert address_of("https://example.org/a.pth") == "https://example.org/a.pth"


@pytest.mark.parametrize("source", ["file:///etc/hostname", "ftp://127.0.0.1/a", "models/a.pth"])
def test_only_http_is_spoken(tmp_path, source):
    with pytest.raises(SourceFailed, match="starts with http"):
        fetch(source, tmp_path / "part", Wish(None, False, 1.0), lambda done, total: None)
