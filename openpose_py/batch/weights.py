"""Which files a run's networks come from: their digest is in the record, a cluster gets copies."""

import functools
from pathlib import Path

from openpose_py.chosen_model import choose_model
from openpose_py.face_hand import networks_needed
from openpose_py.person_boxes import OWN_MODEL, YOLO
from openpose_py.settings import Settings
from openpose_py.weights.files import digest_of
from openpose_py.weights.find import find_weights
from openpose_py.zoo.cards import TOP_DOWN, ModelCard, card_named
from openpose_py.zoo.part_cards import detector_card, part_card
from openpose_py.zoo.skeletons import read_skeleton


def model_digest(settings: Settings) -> str:
    """SHA-256 of all that the flags need, with + between; empty without a network."""
    return "+".join(_sha256(path) for path in weights_needed(settings))


def weights_needed(settings: Settings) -> list[Path]:
    """Also the boxes that --detfile gives in place of a network."""
    if not settings.num_gpu:
        return []
    folder, card = Path(settings.model_folder), card_named(settings.model_pose)
    paths = []
    if settings.body:
        chosen = choose_model(settings)
        paths.append(chosen.weights)
        if chosen.runs.kind == TOP_DOWN:
            paths.append(_boxes_from(settings, folder))
    for name in networks_needed(settings, read_skeleton(settings.keypoints or card.skeleton)):
        paths.append(find_weights(part_card(name), folder))
    return paths


def _boxes_from(settings: Settings, folder: Path) -> Path:
    for file in (settings.detfile, settings.detector):
        if file and Path(file).is_file():
            return Path(file)
    card: ModelCard = detector_card(YOLO) if settings.detector == "yolo" else card_named(OWN_MODEL)
    return find_weights(card, folder)


_sha256 = functools.cache(digest_of)
