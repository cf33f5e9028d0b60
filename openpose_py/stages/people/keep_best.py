"""Stage 3 of 5: people -> people. `--number_people_max`: keep the largest and surest."""

import numpy as np

from openpose_py.records import People

AREA_THRESHOLD = 0.05  # parts above it span the person's box


def keep_best(people: People, most: int) -> People:
    """At most `most` people (all if it is not positive), in their order, scores with them."""
    if most <= 0 or len(people) <= most:
        return people
    values = np.array([_value(k, s) for k, s in zip(people.keypoints, people.scores, strict=True)])
    threshold = np.sort(values)[-most]
    keep = values > threshold
    ties = np.flatnonzero(values == threshold)
    keep[ties[: most - int(keep.sum())]] = True
    return People(people.keypoints[keep], people.scores[keep])


def _value(keypoints: np.ndarray, score: float) -> float:
    seen = keypoints[keypoints[:, 2] > AREA_THRESHOLD, :2]
    if len(seen) == 0:
        return 0.0
    width, height = seen.max(0) - seen.min(0)
    return float(np.float32(score) * np.sqrt(np.float32(width * height)))
