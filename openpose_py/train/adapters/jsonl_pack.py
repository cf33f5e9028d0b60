"""A picture a line: people with weighted points, unknown points and boxes of unlabelled people.

Each line is {"file", "people": [{"bbox", "kp": 25 x [x, y, weight], "origin": 25 letters}],
"ignore": [box]}, boxes x, y, w, h. Origin "?" is unknown, "-" known to be absent.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from openpose_py.errors import InputError
from openpose_py.train.adapters.build import Builder, Labels, polygon_of
from openpose_py.train.pictures import Picture, PicturePlace


def read_jsonl(annotations: Path, place: PicturePlace, builder: Builder) -> list[Picture]:
    """Pictures without people are kept: they teach what is no person."""
    found, number = [], 0
    try:
        with annotations.open(encoding="utf-8") as lines:
            for line in lines:
                number += 1
                record = json.loads(line)
                file = place.file(record["file"])
                if file:
                    found.append(builder.picture(record["file"], file, _labels(record)))
    except OSError as problem:
        raise InputError(f"cannot be read: {problem.strerror}", where=str(annotations)) from problem
    except (KeyError, TypeError, ValueError) as problem:
        where = f"{annotations}, line {number}"
        raise InputError(f"is not a picture with people: {problem}", where=where) from problem
    return found


def _labels(record: dict[str, Any]) -> Labels:
    people = record["people"]
    return Labels(
        points=np.array([person["kp"] for person in people], np.float32).reshape(-1, 25, 3),
        unknown=np.array([[o == "?" for o in p["origin"]] for p in people], bool).reshape(-1, 25),
        boxes=np.array([person["bbox"] for person in people], np.float32),
        unlabelled=[polygon_of(box) for box in record["ignore"]],
    )
