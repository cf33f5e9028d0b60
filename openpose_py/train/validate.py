"""Average precision of a network on its way, with the decoder that will use it."""

import dataclasses
from pathlib import Path

import torch
from torch import nn

from openpose_py.errors import UsageError
from openpose_py.evaluate.ground_truth import read_ground_truth
from openpose_py.evaluate.judge import judge
from openpose_py.evaluate.people import Found, FoundPeople, GroundTruth, PictureId
from openpose_py.records import Frame, Maps, People
from openpose_py.stages.maps.net_input import net_input
from openpose_py.stages.maps.sizes import SizeWishes
from openpose_py.stages.people.decode import decode
from openpose_py.stages.people.options import DecodeOptions, options_for
from openpose_py.train.pictures import PicturePlace, decoded, picture_files
from openpose_py.train.recipe import Recipe
from openpose_py.train.validate_one import (
    OnePersonValidation,
    first_pictures,
    one_person_validation,
)
from openpose_py.zoo.cards import TOP_DOWN, card_named
from openpose_py.zoo.skeletons import Skeleton, read_skeleton


@dataclasses.dataclass(frozen=True)
class Validation:
    """Calling it with a network gives the first figure of `openpose-py eval`."""

    truth: GroundTruth
    place: PicturePlace
    skeleton: Skeleton
    options: DecodeOptions
    wishes: SizeWishes = dataclasses.field(default_factory=SizeWishes)

    def __call__(self, network: nn.Module) -> float:
        network.eval()
        found: dict[PictureId, FoundPeople] = {}
        for index, picture in enumerate(self.truth.pictures):
            file = self.place.file(picture.file)
            if file:
                frame = Frame(decoded(file, picture.file), index, picture.file, 0.0, picture.file)
                people = self.people(network, frame)
                found[picture.id] = FoundPeople(people.keypoints, people.scores)
        return judge(self.truth, Found("training", self.skeleton.parts, found)).main

    def people(self, network: nn.Module, frame: Frame) -> People:
        """Everybody in the frame, at one scale."""
        given = net_input(frame, self.wishes)
        device = next(network.parameters()).device
        with torch.inference_mode():
            maps = [network(torch.from_numpy(one).to(device))[0].float().cpu().numpy()
                    for one in given.tensors]  # fmt: skip
        return decode(Maps(tuple(maps), given.geometry), self.skeleton, self.options)[0]


def validation(recipe: Recipe, folder: Path) -> Validation | OnePersonValidation | None:
    """From the recipe's row of validation data; None without one."""
    if not recipe.validation:
        return None
    card, row = card_named(recipe.card), recipe.validation[0]
    wanted = "lip" if recipe.augment.whole else "coco"
    if len(recipe.validation) > 1 or row.format != wanted:
        raise UsageError(f"must be one row of format {wanted}", where="validation")
    if card.kind == TOP_DOWN:
        skeleton, whole = read_skeleton(recipe.skeleton), recipe.augment.whole
        return one_person_validation(row, folder, skeleton, whole)
    return Validation(
        truth=first_pictures(read_ground_truth(folder / row.annotations), row.first),
        place=picture_files(folder / row.pictures),
        skeleton=read_skeleton(recipe.skeleton),
        options=options_for(card),
    )
