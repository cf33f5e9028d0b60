"""openpose-py: people in pictures and videos into skeletons, with OpenPose's command line.

from openpose_py import Estimator
for result in Estimator(model_pose="BODY_25").run("walk.mp4"):
    print(result.frame.name, result.people.keypoints)
"""

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openpose_py.api import draw, read_json
    from openpose_py.errors import OpenPoseError
    from openpose_py.estimator import Estimator
    from openpose_py.records import Frame, People, Result

__all__ = ["Estimator", "Frame", "OpenPoseError", "People", "Result", "draw", "read_json"]

# Before PyTorch is loaded: threads that wait by spinning starve a busy machine, and themselves.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

_HOMES = {
    "Estimator": "estimator",
    "Frame": "records",
    "OpenPoseError": "errors",
    "People": "records",
    "Result": "records",
    "draw": "api",
    "read_json": "api",
}


def __getattr__(name: str) -> Any:
    """Imports a public name when it is first asked for: `--help` must not wait for torch."""
    if name not in _HOMES:
        raise AttributeError(f"module 'openpose_py' has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"openpose_py.{_HOMES[name]}"), name)
