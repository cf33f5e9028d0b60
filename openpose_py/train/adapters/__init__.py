"""Data sets of keypoints, by the name of their format: each says which points it annotates."""

import logging
from pathlib import Path

import numpy as np

from openpose_py.errors import InputError, UsageError, nearest
from openpose_py.train.adapters import points
from openpose_py.train.adapters.bodies import read_lip, read_lsp, read_mpii
from openpose_py.train.adapters.build import Builder, Labels
from openpose_py.train.adapters.coco_json import read_coco
from openpose_py.train.adapters.hands_faces import read_dome_hands, read_mpii_hands, read_pts
from openpose_py.train.adapters.jsonl_pack import read_jsonl
from openpose_py.train.pictures import Picture, PicturePlace, picture_files
from openpose_py.train.recipe import DataRow
from openpose_py.zoo.skeletons import Skeleton

log = logging.getLogger(__name__)

NOBODY = "nobody"  # a folder of pictures without people

# format -> the points that it annotates, in its order
FORMATS = {
    "coco": points.COCO,
    "coco_foot": (*points.COCO, *points.FEET),
    "coco_wholebody": points.COCO_WHOLEBODY,
    "coco_hand21": points.RIGHT_HAND,
    "coco_hand42": points.HANDS,
    "coco_face70": points.FACE_70,
    "coco_dome135": points.WHOLE_135,
    "halpe": points.HALPE,
    "jsonl": points.BODY_25B,
    "mpii": points.MPII,
    "lsp": points.LSP,
    "lip": points.LIP,
    "mpii_hands": points.HANDS,
    "dome_hands": points.RIGHT_HAND,
    "pts": points.FACE_68,
    NOBODY: (),
}


def read_data(row: DataRow, folder: Path, skeleton: Skeleton) -> list[Picture]:
    """All pictures of a data set that are there; at least one."""
    if row.format not in FORMATS:
        hint = nearest(row.format, FORMATS) or f"formats: {', '.join(FORMATS)}"
        raise UsageError(f"there is no format {row.format!r}", where="data.format", hint=hint)
    named = (*row.parts, *row.positive_only, *row.centre_parts)
    unknown = [part for part in named if part not in skeleton.parts]
    if unknown:
        hint = nearest(unknown[0], skeleton.parts)
        raise UsageError(f"{skeleton.name} has no part {unknown[0]!r}", where="data", hint=hint)
    annotations, pictures = folder / row.annotations, folder / row.pictures
    builder = Builder(skeleton, FORMATS[row.format], row.parts, row.positive_only)
    found = _read(row.format, annotations, pictures, builder)
    if not found:
        where = str(pictures if row.pictures else annotations)
        raise InputError("none of the annotated pictures is there", where=where)
    log.info("%s: %d pictures", row.annotations or row.pictures, len(found))
    return found


def _read(name: str, annotations: Path, pictures: Path, builder: Builder) -> list[Picture]:
    """`mpii_hands` and `pts` have their pictures beside the labels."""
    if name in BESIDE:
        if not annotations.is_dir():
            raise InputError("there is no such folder", where=str(annotations))
        return BESIDE[name](annotations, builder)
    place = picture_files(pictures)
    if name == NOBODY:
        return _without_people(place, builder)
    if name in READERS:
        return READERS[name](annotations, place, builder)
    return read_coco(annotations, place, len(FORMATS[name]), builder)


BESIDE = {"mpii_hands": read_mpii_hands, "pts": read_pts}
READERS = {
    "jsonl": read_jsonl,
    "mpii": read_mpii,
    "lsp": read_lsp,
    "lip": read_lip,
    "dome_hands": read_dome_hands,
}


def _without_people(place: PicturePlace, builder: Builder) -> list[Picture]:
    nobody = Labels(np.zeros((0, 0, 3), np.float32), np.zeros((0, 0), bool), np.zeros((0, 4)))
    found = []
    for name in place.names():
        file = place.file(name)
        if file:
            found.append(builder.picture(name, file, nobody))
    return found
