"""`openpose-py eval TRUTH [CANDIDATE...]`: how well people are found, against ground truth."""

from typing import Annotated, Any

import typer


def main(
    truth: Annotated[str, typer.Argument(help="Ground truth: COCO's format, or joints.")] = "",
    candidates: Annotated[
        list[str] | None,
        typer.Argument(help="Results, weights, folders of them, or models; none: --model_pose."),
    ] = None,
    **values: Any,
) -> int:
    """How well people are found: COCO's AP and AR, PCK and PCKh.

    openpose-py eval person_keypoints.json out/ --model_pose BODY_25
    """
    from openpose_py.cli.evaluate import evaluate

    return evaluate(truth, candidates or [], **values)
