"""The compiled scanner against the JSON reader, which says what a text means."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openpose_py.stages.writers.json_people import KEYS
from openpose_py.tables.file_names import KeypointFile
from openpose_py.tables.parse import DAMAGED, JsonReader, parse
from openpose_py.tables.quick import parse_quickly

GOLDEN = Path(__file__).parents[1] / "golden" / "files" / "json"
TEXTS = {path.stem: path.read_bytes() for path in sorted(GOLDEN.glob("*.json"))}
LEFT = ("candidates_all_empty", "candidates", "candidates_no_people", "number_nan_inf",
        "number_edge_cases")  # fmt: skip


def same(quick, slow) -> bool:
    pairs = zip(quick, slow[:2], strict=True)
    return all(a.dtype == b.dtype and a.tobytes() == b.tobytes() for a, b in pairs)


@pytest.mark.parametrize("name", TEXTS)
def test_the_scanner_reads_what_the_original_wrote(name):
    count, *found = parse_quickly([TEXTS[name]])
    assert count == (name.removesuffix("_keypoints") not in LEFT)
    if count:
        assert same(found, parse(TEXTS[name]))


def test_all_files_at_once_are_all_files_one_by_one():
    files = [KeypointFile(name, None, str(GOLDEN / f"{name}.json")) for name in TEXTS]
    slow, quick = JsonReader(), JsonReader()
    quick._parse_quickly = parse_quickly
    (expected,), (found,) = slow.batches(files), quick.batches(files)
    assert same((found.fields, found.numbers), (expected.fields, expected.numbers))
    assert found.files == files and not quick.damaged


NUMBERS = st.one_of(
    st.floats(width=32, allow_nan=False, allow_infinity=False).map(lambda value: f"{value:.6g}"),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers(-(10**20), 10**20).map(str),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(NUMBERS, min_size=3, max_size=3), st.sampled_from(["", " ", "\n\t"]))
def test_a_number_has_the_same_bits(numbers, blank):
    listed = f"{blank},{blank}".join(numbers)
    text = f'{{"version":1.3,"people":[{{"pose_keypoints_2d":{blank}[{listed}{blank}]}}]}}'.encode()
    count, *found = parse_quickly([text])
    assert not count or same(found, parse(text))
    short = all(len(number.strip("-").replace(".", "")) < 15 for number in numbers)
    assert count or not short or "e" in listed


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(sorted(TEXTS)), st.integers(0, 3000), st.integers(0, 40),
    st.binary(max_size=2) | st.sampled_from([b",", b"]", b"}", b"[", b"0", b"-", b".", b"e", b" "]),
)  # fmt: skip
def test_a_damaged_text_is_never_understood_otherwise(name, at, cut, put):
    text = TEXTS[name]
    text = text[: at % len(text)] + put + text[at % len(text) + cut :]
    count, *found = parse_quickly([text, b'{"version":1.3,"people":[]}'])
    if count:
        first = found[0][:, 0] == 0
        filled = int(found[0][first, 4].sum())
        assert same((found[0][first], found[1][:filled]), parse(text))


@pytest.mark.parametrize("end", range(1, 60))
def test_a_text_that_was_cut_off_is_damaged(end):
    text = TEXTS["body_1person_keypoints"][:-end]
    assert parse_quickly([text, TEXTS["empty_keypoints"]])[0] == 0
    with pytest.raises(DAMAGED):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [b"", b"[]", b"{}", b'{"people":[1]}', b'{"people":{"a":1}}', b'{"people":[{"person_id":[]}]}',
     b'{"people":[{"pose_keypoints_2d":[1,2]}]}', b'{"people":[{"pose_keypoints_2d":["a",2,3]}]}',
     b'{"people":[{"person_id":[1e300]}]}', b"[" * 100_000],
)  # fmt: skip
def test_what_is_no_file_of_keypoints_is_damaged(text):
    with pytest.raises(DAMAGED):
        parse(text)


def test_older_files_are_read():
    fields, numbers, _ = parse(b'{"version":1.1,"people":[{"pose_keypoints":[1,2,0.5]}]}')
    assert fields.tolist() == [[0, 0, -1, 0, 3]] and numbers.tolist() == [1, 2, 0.5]


def test_keys_that_are_not_in_their_order_mean_the_same():
    keys = list(KEYS)
    text = '{"people":[{' + ",".join(f'"{key}":[1,2,3,4,5,6,7,8,9,0,1,2]' for key in keys[::-1])
    fields, numbers, _ = parse(f"{text}}}]}}".encode())
    assert fields[:, 3].tolist() == list(range(len(keys))) and len(numbers) == 12 * len(keys)
    assert np.all(fields[:, 4] == 12)
