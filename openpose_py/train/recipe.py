"""Recipes: one TOML file a training, with everything that decides what comes out."""

import dataclasses
import typing
from pathlib import Path
from typing import Any

from openpose_py.errors import InputError, UsageError, nearest
from openpose_py.zoo.folder import models_folder
from openpose_py.zoo.toml_rows import check_keys, read_toml

Range = tuple[float, float]
SCHEDULES = ("steps", "cosine", "plateau")
LAWS = ("openpose", "lightweight", "rounded")


@dataclasses.dataclass(frozen=True)
class DataRow:
    """One data set. Paths are relative to the data folder."""

    format: str  # a row of adapters.FORMATS
    annotations: str = ""
    pictures: str = ""  # folder or tar file
    share: float = 1.0  # how often a sample comes from here; shares are divided by their sum
    parts: tuple[str, ...] = ()  # train these parts only; empty: all that the format has
    positive_only: tuple[str, ...] = ()  # labels may be missing: where none is, nothing is learnt
    crowd_weight: float = 0.0  # a picture is drawn 1 + crowd_weight * min(people, 4) times as often
    person_size: Range | None = None  # instead of [augment]'s
    occlusions: int | None = None  # instead of [augment]'s
    centre_parts: tuple[str, ...] = ()  # strong enlargements are centred on one of these parts
    # Crops are placed on people only who have so many labelled points and so large an area (square
    # pixels), and are not nearer to an earlier one than this share of that one's width.
    least_points: int = 0
    least_area: float = 0.0
    apart: float = 0.0
    first: int = 0  # of a validation: so many pictures; 0: all


@dataclasses.dataclass(frozen=True)
class AugmentRow:
    """Lengths are shares of the crop's side, angles degrees, the rest probabilities."""

    person_share: float = 1.0  # crops that are placed on a person, where there is one
    person_size: Range = (0.2, 0.9)
    scene_size: Range = (0.75, 2.2)  # of the picture's longer side in crops without a person
    size_of: str = "height"  # of the person's box: "height" or "longer" side
    size_law: str = "uniform"  # or "log": as many small people as large ones
    largest_scale: float = 100.0  # a picture is enlarged at most this much
    least_fill: float = 0.0  # the longer side of the picture covers at least this much
    stay_inside: bool = False  # the crop leaves the picture only where it must
    shift: float = 0.1
    rotation: float = 45.0
    rotation_share: float = 1.0
    turned: float = 0.0  # quarter and half turns
    aspect: float = 0.0  # standard deviation of the logarithm of width over height
    mirror: float = 0.5
    mosaic: float = 0.0  # four crops of half the side put together
    backgrounds: bool = True  # outside of the picture stands a piece of a picture without people
    occlusions: int = 0  # at most so many pieces of a background over one person's parts
    cutout: float = 0.0  # one plain rectangle
    colour: float = 0.0  # brightness, contrast and tint
    grey: float = 0.0
    blur: float = 0.0
    noise: float = 0.0
    jpeg: float = 0.0
    # Crops of one person, for a network that sees one at a time; shift, size and the like do not
    # count for them, rotation, mirror and colour do.
    whole: bool = False  # the person fills the picture; else the crop shows the enlarged box
    zoom: Range = (1.0, 1.0)
    zoom_share: float = 1.0
    half_body: float = 0.0  # only the upper or the lower body
    masked: float = 0.0  # a grey quadrangle over a part
    channels: float = 0.0  # colour channels change places
    border: int = 128  # grey value where there is no picture


@dataclasses.dataclass(frozen=True)
class TargetRow:
    """sigma, small_sigma: pixels of the crop; small_sigma is for hands and face of BODY_135.
    centred: part affinity fields lie on cell centres as heat maps do; OpenPose's do not.
    law: whose way of drawing them, "openpose", "lightweight" or, for one person, "rounded"."""

    sigma: float = 7.0
    small_sigma: float = 5.75
    limb_width: float = 1.0  # half the width of a limb, cells
    centred: bool = False
    law: str = "openpose"


@dataclasses.dataclass(frozen=True)
class LossRow:
    """empty: weight of cells where nothing is, at the start and at the end."""

    empty: Range = (1.0, 1.0)


@dataclasses.dataclass(frozen=True)
class OptimizerRow:
    """rate falls from `rate`: schedule "steps" multiplies it by gamma at each milestone, "cosine"
    brings it to last_rate, "plateau" multiplies it by gamma when the validation figure has not
    got better `patience` times. clip: largest norm of the gradient, 0 for none."""

    kind: str = "adam"  # "adam" (decay in the gradient, as Caffe's), "adamw" or "sgd"
    rate: float = 1e-4
    last_rate: float = 0.0
    schedule: str = "steps"
    milestones: tuple[int, ...] = ()
    gamma: float = 0.5
    patience: int = 5
    warm_up: int = 0  # steps
    weight_decay: float = 5e-4
    bias_rate: float = 1.0
    bias_decay: float = 1.0
    plain_decay: float = 1.0  # of norms and depthwise convolutions
    clip: float = 0.0
    average: float = 0.0  # of the weights that are kept: share of the old ones a step; 0: none


@dataclasses.dataclass(frozen=True)
class GroupRow:
    """Layers whose name begins with `prefix`; the first group that fits counts."""

    prefix: str
    rate: float = 1.0  # times the optimizer's
    frozen: bool = False
    norms: bool = True  # the rate is that of the group's norms, too


@dataclasses.dataclass(frozen=True)
class Recipe:
    """The keys of `models/recipes/*.toml`. batch: samples a step, over all processes together."""

    name: str
    summary: str
    skeleton: str
    network: str  # a row of stages.TRAINABLE
    card: str  # the card whose thresholds the new model starts from
    licence: str
    crop: int  # side, pixels; a multiple of 16
    batch: int
    steps: int
    init: str = ""  # what the weights start from, for the reader; --init names the file
    seed: int = 1
    refinements: int = 0  # stages of refinement; 0: as many as the network has by itself
    half: bool = False  # half floats in the weight file
    checkpoint_minutes: float = 5.0
    validate_steps: int = 0  # judge every so many steps, not only at checkpoints
    data: tuple[DataRow, ...] = ()
    validation: tuple[DataRow, ...] = ()
    augment: AugmentRow = AugmentRow()
    targets: TargetRow = TargetRow()
    loss: LossRow = LossRow()
    optimizer: OptimizerRow = OptimizerRow()
    groups: tuple[GroupRow, ...] = ()


def recipe_names() -> list[str]:
    return sorted(path.stem for path in (models_folder() / "recipes").glob("*.toml"))


def find_recipe(text: str) -> Path:
    """The file of a recipe: a path, or the name of one that comes with the package."""
    path = Path(text)
    if path.suffix == ".toml" or path.exists():
        if not path.is_file():
            raise InputError("there is no such recipe", where=text)
        return path
    if text not in recipe_names():
        hint = nearest(text, recipe_names()) or f"recipes: {', '.join(recipe_names())}"
        raise UsageError(f"there is no recipe {text!r}", where="train", hint=hint)
    return models_folder() / "recipes" / f"{text}.toml"


def read_recipe(path: Path) -> Recipe:
    recipe: Recipe = _record(Recipe, read_toml(path), path)
    _check(recipe, str(path))
    return recipe


def _record(record: type, table: dict[str, Any], path: Path) -> Any:
    """`table` as `record`; tables and lists of tables become the records of its fields' types."""
    check_keys(table, record, path)
    types = typing.get_type_hints(record)
    return record(**{key: _value(types[key], value, path) for key, value in table.items()})


def _value(kind: Any, value: Any, path: Path) -> Any:
    if isinstance(value, dict):
        return _record(kind, value, path)
    if isinstance(value, list):
        inner = typing.get_args(kind)[0] if typing.get_args(kind) else None
        return tuple(_value(inner, one, path) for one in value)
    return value


def spoken(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"


def _check(recipe: Recipe, where: str) -> None:
    plateau = recipe.optimizer.schedule == "plateau"
    rows = (
        ("crop", recipe.crop > 0 and recipe.crop % 16 == 0, "a multiple of 16"),
        ("batch", recipe.batch > 0, "1 or more"),
        ("steps", recipe.steps > 0, "1 or more"),
        ("data", any(row.share > 0 for row in recipe.data), "one row with a share above 0"),
        ("augment.size_of", recipe.augment.size_of in ("height", "longer"), "height or longer"),
        ("augment.size_law", recipe.augment.size_law in ("uniform", "log"), "uniform or log"),
        ("optimizer.kind", recipe.optimizer.kind in ("adam", "adamw", "sgd"), "adam, adamw or sgd"),
        ("optimizer.schedule", recipe.optimizer.schedule in SCHEDULES, spoken(SCHEDULES)),
        ("targets.law", recipe.targets.law in LAWS, spoken(LAWS)),
        ("validate_steps", not plateau or recipe.validate_steps > 0, "above 0 for plateau"),
        ("validation", not plateau or bool(recipe.validation), "given for plateau"),
    )
    for key, good, wanted in rows:
        if not good:
            raise UsageError(f"{key} must be {wanted}", where=where)
