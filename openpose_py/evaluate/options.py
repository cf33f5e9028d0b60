"""The flags of `openpose-py eval` beside those of a run, each once, as in `settings.py`."""

import dataclasses
from collections.abc import Iterator
from typing import get_type_hints

from openpose_py.settings import Flag, flag

EVALUATION = "Evaluation"


@dataclasses.dataclass(frozen=True, kw_only=True)
class EvaluateOptions:
    """The values of one evaluation."""

    # fmt: off
    one_scale: bool = flag(False, EVALUATION, "The usual test: -1x368 (BODY_135: -1x480), one "
                           "scale.")
    max_accuracy: bool = flag(False, EVALUATION, "The best a model can do: --maximize_positives "
                              "--net_resolution_dynamic -1 --scale_number 4 --scale_gap 0.25 "
                              "--net_resolution 1312x736 (BODY_135: 1712x960).")
    flip: bool = flag(False, EVALUATION, "Average the maps with those of the mirrored picture.")
    person_score: str = flag("pose", EVALUATION, "How sure a person is: pose (the decoder's "
                             "score), sum or mean (of the confidences).",
                             choices=("pose", "sum", "mean"))
    compare: bool = flag(False, EVALUATION, "Compare two candidates picture by picture, and save "
                         "a sheet of those in which the second falls behind most.")
    sheet: str = flag("compare.png", EVALUATION, "File of that sheet.")
    worst: int = flag(8, EVALUATION, "Pictures on that sheet.", low=1, high=50)
    visualize: str = flag("", EVALUATION, "Folder for every picture with truth and answer side by "
                          "side.")
    results_out: str = flag("", EVALUATION, "File for the found people in COCO's results format.")
    submission: str = flag("", EVALUATION, "Zip file for COCO's test server (test-dev).")
    nobody: str = flag("", EVALUATION, "Folder of pictures without people, or of OpenPose's JSON "
                       "files of them: count those in which somebody is found.")
    as_json: bool = flag(False, EVALUATION, "Print the figures as JSON.", name="json")
    # fmt: on


def options() -> Iterator[Flag]:
    """All rows, in the order of the table."""
    types = get_type_hints(EvaluateOptions)
    for field in dataclasses.fields(EvaluateOptions):
        row = {"name": field.name, **field.metadata}
        yield Flag(field=field.name, type=types[field.name], default=field.default, **row)
