"""Which people of a picture a crop is placed on."""

import numpy as np

from openpose_py.train.pictures import Picture
from openpose_py.train.recipe import DataRow


def main_people(picture: Picture, row: DataRow) -> tuple[int, ...]:
    """Those with enough labelled points and area who stand apart from those before them."""
    boxes = picture.boxes.astype(np.float64)
    areas = boxes[:, 2] * boxes[:, 3] if picture.areas is None else picture.areas
    labelled = (picture.points[..., 2] > 0).sum(axis=1)
    counts = labelled if picture.labelled_points is None else picture.labelled_points
    chosen: list[int] = []
    for person in np.flatnonzero((counts >= row.least_points) & (areas >= row.least_area)).tolist():
        centre = _centre(boxes[person])
        near = any(
            np.hypot(*(centre - _centre(boxes[one]))) < row.apart * boxes[one, 2] for one in chosen
        )
        if not near:
            chosen.append(person)
    return tuple(chosen)


def is_choosy(row: DataRow) -> bool:
    return bool(row.least_points or row.least_area or row.apart)


def _centre(box: np.ndarray) -> np.ndarray:
    """x, y, w, h -> x, y."""
    centre: np.ndarray = box[:2] + box[2:] / 2
    return centre
