"""The page of a run under way: without data, which its script fetches."""

from openpose_py.report.page_file import page_text
from openpose_py.report.shown_skeleton import shown, skeleton_named
from openpose_py.settings import Settings
from openpose_py.zoo.cards import ModelCard
from openpose_py.zoo.skeletons import read_skeleton

FACE, HAND, BODY_OF_135 = 70, 21, 25
WIDTH, HEIGHT = 16, 9  # until the first picture is there


def live_page(title: str, settings: Settings, card: ModelCard) -> bytes:
    points = _points(settings, card)
    skeleton = skeleton_named(card.name, points[0])
    facts = {
        **shown(skeleton, points), "points": list(points), "title": title, "live": True,
        "frames": 0, "rows": 0, "hasIds": False,
        "names": [], "fps": 0, "size": [WIDTH, HEIGHT], "video": None, "pictures": [],
    }  # fmt: skip
    return "".join(page_text(title, (), lambda: facts)).encode()


def _points(settings: Settings, card: ModelCard) -> tuple[int, int, int, int]:
    """Of body, face, left and right hand; BODY_135 is shared out where they are asked for."""
    parts = len(read_skeleton(card.skeleton).parts)
    if card.skeleton == "BODY_135" and (settings.face or settings.hand):
        return BODY_OF_135, FACE, HAND, HAND
    hand = HAND if settings.hand else 0
    return parts, FACE if settings.face else 0, hand, hand
