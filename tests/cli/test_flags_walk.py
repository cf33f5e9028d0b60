"""A walk over the whole table: every flag has a proven effect, or says why it has none."""

import re
from pathlib import Path

import pytest
from drawn.command import openpose_py

from openpose_py.settings import Flag, flags

PROVEN = set(
    re.findall(
        r'mark\.effect\("(\w+)"\)',
        "".join(path.read_text() for path in Path(__file__).parent.glob("test_flags_*.py")),
    )
)
IMPLEMENTED = [flag for flag in flags() if not flag.refused]
OTHERS = [flag for flag in flags() if flag.refused]
ANOTHER = {int: "1", float: "0.5", str: "something"}


@pytest.mark.parametrize("flag", IMPLEMENTED, ids=lambda flag: flag.name)
def test_every_flag_that_is_built_has_a_test_of_its_effect(flag: Flag):
    assert flag.name in PROVEN


def test_no_effect_is_claimed_for_an_unknown_flag():
    assert {flag.name for flag in IMPLEMENTED} >= PROVEN


@pytest.mark.parametrize("flag", OTHERS, ids=lambda flag: flag.name)
def test_every_other_flag_says_in_one_error_why_it_is_not_there(flag: Flag, tmp_path):
    words = [f"--{flag.name}"]
    if flag.type is not bool:
        choices = [choice for choice in flag.choices if choice != flag.default]
        words.append(str(choices[0]) if choices else ANOTHER[flag.type])
    done = openpose_py(*words, "--num_gpu", 0, "--write_json", tmp_path)
    assert done.code == 2, done.err
    assert done.said(f"--{flag.name}")
    assert done.said("not in openpose-py")
    assert len(done.lines) <= 2
