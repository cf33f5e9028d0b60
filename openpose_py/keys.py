"""The keys of the window: what they ask for, and the thresholds that some of them change."""

import dataclasses
import enum

from openpose_py.stages.people.options import DecodeOptions

ESCAPE, SPACE = chr(27), " "
DIGITS = "1234567890"


class Action(enum.Enum):
    """What a key can ask for."""

    END = enum.auto()
    BLENDING = enum.auto()
    GOOGLY_EYES = enum.auto()
    ELEMENT = enum.auto()  # the number for --part_to_show
    PEAK = enum.auto()
    PERSON_SCORE = enum.auto()
    LIMB_SAMPLE = enum.auto()
    LIMB_SHARE = enum.auto()
    MIN_PARTS = enum.auto()
    HOLD = enum.auto()
    FORTH = enum.auto()
    BACK = enum.auto()
    FACES = enum.auto()
    HANDS = enum.auto()
    VIEW_3D = enum.auto()


@dataclasses.dataclass(frozen=True, slots=True)
class Command:
    """amount: the change, or for ELEMENT its number; 0 where there is nothing to count."""

    action: Action
    amount: float = 0


# gui/gui.cpp
KEYS = {
    ESCAPE: Command(Action.END),
    "b": Command(Action.BLENDING),
    "g": Command(Action.GOOGLY_EYES),
    "-": Command(Action.PEAK, -0.005),
    "=": Command(Action.PEAK, 0.005),
    "_": Command(Action.PERSON_SCORE, -0.005),
    "+": Command(Action.PERSON_SCORE, 0.005),
    "[": Command(Action.LIMB_SAMPLE, -0.005),
    "]": Command(Action.LIMB_SAMPLE, 0.005),
    "{": Command(Action.LIMB_SHARE, -0.1),
    "}": Command(Action.LIMB_SHARE, 0.1),
    ";": Command(Action.MIN_PARTS, -1),
    "'": Command(Action.MIN_PARTS, 1),
    "m": Command(Action.HOLD),
    "l": Command(Action.FORTH),
    "k": Command(Action.BACK),
    "z": Command(Action.FACES),
    "x": Command(Action.HANDS),
    "c": Command(Action.VIEW_3D),
}
HELP = (
    ("Esc", "end the run"), ("space", "pause"), ("f", "full screen"), ("h", "this help"),
    ("1 2 3 4", "skeletons, background, all maps, all limbs"), ("5 to 9, 0", "further maps"),
    (",  .", "the map before, after"), ("b", "skeletons on the frame, on black"),
    ("g", "googly eyes"), ("-  =", "lowest score of a part"), ("_  +", "lowest score of a person"),
    ("[  ]", "lowest score on a limb"), ("{  }", "share of good points on a limb"),
    (";  '", "parts that a person must have"), ("m", "the same frame again and again"),
    ("k  l", "60 frames back, 30 on; held: 1"), ("z  x  c", "faces, hands, 3-D points: on, off"),
)  # fmt: skip
THRESHOLDS = {
    Action.PEAK: "peak_threshold",
    Action.PERSON_SCORE: "min_score",
    Action.LIMB_SAMPLE: "limb_sample",
    Action.LIMB_SHARE: "limb_share",
}


class Keys:
    """What keys mean, and what they leave behind. elements: how many there are to choose from."""

    def __init__(self, elements: int, element: int = 0) -> None:
        self._elements, self.element = elements, min(max(element, 0), elements - 1)
        self.is_paused = False

    def pressed(self, key: str) -> list[Command]:
        """key: one letter, small. Nothing is returned for a key that asks for nothing."""
        if key == SPACE:
            self.is_paused = not self.is_paused
        elif key in (",", "."):
            step = 1 if key == "." else -1
            return self._chosen((self.element + step) % self._elements)
        elif key in DIGITS:
            return self._chosen(DIGITS.index(key))
        elif key in KEYS:
            return [KEYS[key]]
        return []

    def _chosen(self, number: int) -> list[Command]:
        if number >= self._elements:
            return []
        self.element = number
        return [Command(Action.ELEMENT, number)]


def with_threshold(options: DecodeOptions, command: Command) -> DecodeOptions:
    """The decoder's options after a key that changes one of them; the same after other keys."""
    if command.action is Action.MIN_PARTS:
        return dataclasses.replace(
            options, min_parts=max(1, options.min_parts + int(command.amount))
        )
    name = THRESHOLDS.get(command.action)
    if name is None:
        return options
    changed = round(getattr(options, name) + command.amount, 6)
    return dataclasses.replace(options, **{name: min(max(changed, 0.0), 1.0)})
