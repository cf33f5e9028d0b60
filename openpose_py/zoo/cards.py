"""Model cards: one TOML file a model under `models/`, with everything that is known about it."""

import dataclasses
import functools
from pathlib import Path
from typing import Any

from openpose_py.errors import Refused, UsageError, nearest
from openpose_py.zoo.folder import models_folder
from openpose_py.zoo.toml_rows import check_keys, read_toml

FAMILIES = ("openpose", "openpose_py", "tf_pose", "lightweight", "alphapose", "gccpm")
CARD = ".toml"
BOTTOM_UP, TOP_DOWN, DETECTOR = "bottom_up", "top_down", "detector"

# Pose models of OpenPose's code whose weights were never published: what to use instead.
NEVER_PUBLISHED = {
    "BODY_19": "COCO",
    "BODY_19E": "COCO",
    "BODY_19N": "COCO",
    "BODY_19_X2": "COCO",
    "BODY_23": "BODY_25B",
    "BODY_25D": "BODY_25",
    "BODY_25E": "BODY_25",
    "CAR_12": "",
    "CAR_22": "",
}


@dataclasses.dataclass(frozen=True)
class Thresholds:
    """What the decoder keeps; OpenPose's names stand behind each."""

    peak: float  # nms_threshold
    limb_sample: float  # connect_inter_threshold
    limb_share: float  # connect_inter_min_above_threshold
    parts: int  # connect_min_subset_cnt
    score: float  # connect_min_subset_score


NO_THRESHOLDS = Thresholds(0.0, 0.0, 0.0, 0, 0.0)  # every point is given, however low its score


@dataclasses.dataclass(frozen=True)
class WeightFile:
    """One published file of a model. path: below --model_folder, as OpenPose lays it out."""

    path: str
    network: str
    bytes: int | None = None
    md5: str = ""
    sha256: str = ""
    sources: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Figure:
    """One published or measured number of a model."""

    name: str
    value: float
    conditions: str


@dataclasses.dataclass(frozen=True)
class ModelCard:
    """The keys of a card."""

    name: str
    summary: str
    skeleton: str
    networks: tuple[str, ...]  # rows of networks.NETWORKS that such a file may hold
    licence: str
    files: tuple[WeightFile, ...]
    kind: str = BOTTOM_UP  # top_down: one person in a crop
    thresholds: Thresholds = NO_THRESHOLDS
    maximize_positives: Thresholds = NO_THRESHOLDS
    stride: int = 8
    input: tuple[int, ...] = ()  # height, width of a crop; top_down and detectors only
    decode: str = "paf"  # how maps are read; heat_map, integral, combined, arg_max: of one person
    upsampling: str = "bilinear"  # of GCCPM's maps
    normalisation: str = "vgg"  # value / 256 - 0.5; none: the values 0 to 255 as they are
    resize: str = "letter_box"  # stretched: the frame fills the input, whatever its shape
    figures: tuple[Figure, ...] = ()
    stand_in: str = ""  # the card that runs in its place while no file of it is there


def _table(record: type, table: dict[str, Any], path: Path) -> Any:
    check_keys(table, record, path)
    return record(**{key: tuple(v) if isinstance(v, list) else v for key, v in table.items()})


@functools.cache
def cards() -> dict[str, ModelCard]:
    """All cards by name, in the order of their files."""
    found: dict[str, ModelCard] = {}
    for family in FAMILIES:
        for path in sorted((models_folder() / family).glob("*.toml")):
            card = read_card(path)
            found[card.name] = card
    return found


def read_card(path: Path) -> ModelCard:
    table = read_toml(path)
    for key in ("thresholds", "maximize_positives"):
        if key in table:
            table[key] = _table(Thresholds, table[key], path)
    for key, record in (("files", WeightFile), ("figures", Figure)):
        table[key] = [_table(record, row, path) for row in table.get(key, [])]
    card: ModelCard = _table(ModelCard, table, path)
    return card


def card_named(name: str) -> ModelCard:
    """The card of a `--model_pose` name or of a card's own file; MPII is read as MPI."""
    name = "MPI" if name == "MPII" else name
    if name.endswith(CARD) and Path(name).is_file():
        return read_card(Path(name))
    if name in cards():
        return cards()[name]
    if name in NEVER_PUBLISHED:
        instead = NEVER_PUBLISHED[name]
        raise Refused(
            f"the weights of {name} were never published",
            where="--model_pose",
            hint=f"use --model_pose {instead}" if instead else "openpose-py finds people only",
        )
    hint = nearest(name, cards()) or f"models: {', '.join(cards())}"
    raise UsageError(f"there is no model {name!r}", where="--model_pose", hint=hint)
