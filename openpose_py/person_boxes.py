"""Where a top-down model looks for people: boxes of a frame, from a model or from a file."""

import dataclasses
import json
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from openpose_py.errors import InputError, Refused, UsageError, nearest
from openpose_py.flag_values import sizes_wished
from openpose_py.records import Frame
from openpose_py.settings import Settings
from openpose_py.stages.maps.detector_input import detector_input
from openpose_py.stages.maps.engines.torch_crops import CropNetwork
from openpose_py.stages.maps.engines.torch_engine import TorchEngine
from openpose_py.stages.maps.net_input import net_input
from openpose_py.stages.people.boxes_around import boxes_around
from openpose_py.stages.people.decode import decode
from openpose_py.stages.people.detected_boxes import detected_boxes
from openpose_py.stages.people.options import options_for
from openpose_py.weights.darknet import load_yolo_v3_spp
from openpose_py.weights.find import find_weights
from openpose_py.weights.load import load_network
from openpose_py.zoo.cards import ModelCard, card_named
from openpose_py.zoo.part_cards import detector_card
from openpose_py.zoo.skeletons import read_skeleton

OWN_MODEL, YOLO = "BODY_25B_COMPACT", "yolov3_spp"
PERSON = 1  # COCO's category


@dataclasses.dataclass(frozen=True, slots=True)
class Boxes:
    """boxes: float32 (n, 4), x, y, width, height in frame pixels. scores: float32 (n,)."""

    boxes: np.ndarray
    scores: np.ndarray


class BoxFinder(Protocol):
    decoder: str  # whose kernels it runs, if any: see --decoder

    def find(self, frame: Frame) -> Boxes: ...


def box_finder(settings: Settings, card: ModelCard, device: Any) -> BoxFinder:
    """What --detfile, --detector and the model's card say."""
    if settings.detfile:
        return ListedBoxes(Path(settings.detfile))
    name = settings.detector
    if name == "auto":
        squares = card.decode == "arg_max" and card.normalisation == "vgg"  # trained on cut-outs
        name = "whole" if squares else "bottomup"
    if name == "bottomup":
        return BottomUpBoxes(settings, device)
    if name == "yolo":
        return YoloBoxes(settings, device)
    if name == "whole":
        return WholeFrame()
    raise _unknown(name)


class BottomUpBoxes:
    """Boxes round the people that openpose-py's own model finds."""

    decoder = "openpose"

    def __init__(self, settings: Settings, device: Any) -> None:
        self._card = card_named(OWN_MODEL)
        self._skeleton = read_skeleton(self._card.skeleton)
        weights = find_weights(self._card, Path(settings.model_folder))
        _, network = load_network(weights, self._card.networks)
        self._engine = TorchEngine(network, device, self._card.stride)
        self._wishes = sizes_wished(settings, self._card, pictures=False)
        self._options = options_for(self._card)

    def find(self, frame: Frame) -> Boxes:
        maps = self._engine.run(net_input(frame, self._wishes, self._card.normalisation))
        people, _ = decode(maps, self._skeleton, self._options)
        return Boxes(boxes_around(people.keypoints, frame.size), people.scores)


class YoloBoxes:
    """Boxes by YOLOv3-SPP, as AlphaPose takes them."""

    decoder = ""

    def __init__(self, settings: Settings, device: Any) -> None:
        card = detector_card(YOLO)
        weights = find_weights(card, Path(settings.model_folder))
        self._network = CropNetwork(load_yolo_v3_spp(weights), device, "use --detector bottomup")
        self._side = card.input[0]

    def find(self, frame: Frame) -> Boxes:
        given = detector_input(frame.pixels, self._side)
        heads = [head[0] for head in self._network.run_heads(given.tensor)]
        return Boxes(*detected_boxes(heads, self._side, given.factor, frame.size))


class WholeFrame:
    """One person, who fills the frame."""

    decoder = ""

    def find(self, frame: Frame) -> Boxes:
        width, height = frame.size
        return Boxes(np.array([[0, 0, width, height]], np.float32), np.ones(1, np.float32))


class ListedBoxes:
    """Boxes of a file as AlphaPose's --detfile: a JSON list of image_id, bbox and score. A frame of
    a video is named by its number."""

    decoder = ""

    def __init__(self, path: Path) -> None:
        self._boxes: dict[str, list[list[float]]] = {}
        for number, row in enumerate(_rows(path)):
            try:
                x, y, width, height = map(float, row["bbox"])
                score, name = float(row.get("score", 1)), Path(str(row["image_id"])).name
            except (KeyError, TypeError, ValueError, AttributeError) as problem:
                what = f"entry {number} has no image_id, bbox [x, y, width, height] and score"
                raise InputError(what, where=f"--detfile {path}") from problem
            if row.get("category_id", PERSON) == PERSON:
                self._boxes.setdefault(name, []).append([x, y, width, height, score])

    def find(self, frame: Frame) -> Boxes:
        names = Path(frame.origin).name, frame.name, str(frame.index)
        rows = next((self._boxes[name] for name in names if name in self._boxes), [])
        table = np.array(rows, np.float32).reshape(-1, 5)
        return Boxes(table[:, :4], table[:, 4])


def _rows(path: Path) -> list[Any]:
    where = f"--detfile {path}"
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise InputError(f"cannot be read: {problem.strerror}", where=where) from problem
    except (ValueError, RecursionError) as problem:
        raise InputError(f"is no JSON: {problem}", where=where) from problem
    if not isinstance(rows, list):
        hint = '[{"image_id": "a.jpg", "bbox": [x, y, w, h], "score": 0.9}, ...]'
        raise InputError("is no list of boxes", where=where, hint=hint)
    return rows


def _unknown(name: str) -> UsageError:
    where, hint = f"--detector {name}", "use bottomup, yolo or whole, or --detfile FILE"
    if name.startswith(("yolox", "efficientdet", "tracker")):
        what = "AlphaPose's YOLOX, EfficientDet and trackers are not part of openpose-py"
        return Refused(what, where=where, hint=hint)
    known = ("auto", "bottomup", "yolo", "whole")
    return UsageError("there is no such detector", where=where, hint=nearest(name, known) or hint)
