"""The table of flags against OpenPose's own."""

import json
from pathlib import Path

from openpose_py.settings import PANELS, flags

UPSTREAM = json.loads((Path(__file__).parent / "golden" / "flags.json").read_text())
TYPES = {"int32": int, "uint64": int, "double": float, "string": str, "bool": bool}
OURS = {flag.name: flag for flag in flags()}


def test_all_91_flags_of_openpose_are_there_with_type_and_default():
    assert len(UPSTREAM) == 91
    for row in UPSTREAM:
        flag = OURS[row["name"]]
        assert flag.type is TYPES[row["type"]], flag
        if flag.name == "frame_last":  # OpenPose's largest number, which it cannot read back
            assert flag.default == -1 and row["default"] == 2**64 - 1
        else:
            assert flag.default == row["default"], flag


def test_value_checks_are_openposes():
    for row in UPSTREAM:
        flag = OURS[row["name"]]
        if "choices" in row and row["name"] != "model_pose":  # that one is checked by the cards
            assert flag.choices == tuple(row["choices"]), flag
        if "min" in row:
            assert flag.low is not None and flag.low <= row["min"], flag
        if "max" in row:
            assert flag.high == row["max"], flag


def test_flags_of_ours_are_marked():
    names = {row["name"] for row in UPSTREAM}
    assert {flag.name for flag in flags() if flag.ours} == set(OURS) - names


def test_every_flag_has_a_panel_and_a_help_that_is_a_sentence():
    for flag in flags():
        assert flag.panel in PANELS
        assert flag.help.endswith(".")
        assert flag.help[0].isupper() or flag.help.startswith("3-D")
