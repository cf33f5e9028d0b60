"""Which model runs: the one that was asked for, or our own in its place."""

import dataclasses
from pathlib import Path

from openpose_py.errors import MissingModel, UsageError
from openpose_py.settings import Settings
from openpose_py.weights.find import find_weights
from openpose_py.zoo.cards import ModelCard, card_named

# flags that show the network's own maps or parts, which a stand-in has in another skeleton
NEEDS_THE_SKELETON = ("write_heatmaps", "part_candidates", "part_to_show")


@dataclasses.dataclass(frozen=True)
class ChosenModel:
    """asked: the card of --model_pose. runs: the card of the weights."""

    asked: ModelCard
    runs: ModelCard
    weights: Path

    @property
    def mapped(self) -> bool:
        """Whether people are found in another skeleton than was asked for."""
        return self.asked.skeleton != self.runs.skeleton

    def notice(self) -> str:
        if self.asked is self.runs:
            return ""
        return (
            f"{self.asked.files[0].path} is not there: openpose-py's own small model stands in for "
            f"{self.asked.name}; it is weaker; get the real one: "
            f"openpose-py models pull {self.asked.name}"
        )


def choose_model(settings: Settings) -> ChosenModel:
    """The asked model if a file of it is there, else its stand-in."""
    asked, folder = card_named(settings.model_pose), Path(settings.model_folder)
    try:
        return ChosenModel(asked, asked, find_weights(asked, folder, settings.caffemodel_path))
    except MissingModel:
        if not asked.stand_in or settings.caffemodel_path or settings.prototxt_path:
            raise
    runs = card_named(asked.stand_in)
    chosen = ChosenModel(asked, runs, find_weights(runs, folder))
    if chosen.mapped:
        _refuse_maps(settings, chosen)
    return chosen


def _refuse_maps(settings: Settings, chosen: ChosenModel) -> None:
    for name in NEEDS_THE_SKELETON:
        if getattr(settings, name):
            raise UsageError(
                f"is not possible while openpose-py's own model stands in for "
                f"{chosen.asked.name}: it has other parts and maps", where=f"--{name}",
                hint=f"use --model_pose {chosen.runs.skeleton}, or type: "
                f"openpose-py models pull {chosen.asked.name}",
            )  # fmt: skip
