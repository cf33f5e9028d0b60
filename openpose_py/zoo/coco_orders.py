"""Which points `--write_coco_json` writes: `models/coco_orders.toml`."""

import dataclasses
import functools
from pathlib import Path
from typing import Any

from openpose_py.errors import ModelFileError
from openpose_py.zoo.folder import models_folder
from openpose_py.zoo.skeletons import Skeleton
from openpose_py.zoo.toml_rows import check_keys, read_toml

IMAGE_IDS = ("name", "frame")


@dataclasses.dataclass(frozen=True)
class CocoOrder:
    """The keys of one of the `orders`; the file explains them. blocks: key of a result -> how many
    of the parts stand there; empty: all are its keypoints."""

    variant: str
    bit: int
    suffix: str
    image_id: str
    parts: tuple[str, ...]
    blocks: dict[str, int] = dataclasses.field(default_factory=dict)

    def columns(self, skeleton: Skeleton) -> list[int]:
        """Part numbers in the order of the file."""
        chosen = (_first_of(part, skeleton) for part in self.parts)
        return [skeleton.parts.index(part) for part in chosen if part]


@functools.cache
def coco_orders() -> tuple[CocoOrder, ...]:
    """All variants, in the order of their bits."""
    return read_orders(models_folder() / "coco_orders.toml")


def orders_of(skeleton: Skeleton) -> tuple[CocoOrder, ...]:
    """The variants whose parts a skeleton has."""
    return tuple(
        one for one in coco_orders() if all(_first_of(part, skeleton) for part in one.parts)
    )


def read_orders(path: Path) -> tuple[CocoOrder, ...]:
    rows: list[dict[str, Any]] = read_toml(path).get("orders", [])
    parts = {row.get("variant"): row.get("parts", []) for row in rows}
    for row in rows:
        if "joins" in row:
            row["parts"] = [part for one in row.pop("joins") for part in parts[one]]
        check_keys(row, CocoOrder, path)
        if row["image_id"] not in IMAGE_IDS:
            raise ModelFileError(f"image_id must be one of {IMAGE_IDS}", where=str(path))
    return tuple(CocoOrder(**{**row, "parts": tuple(row["parts"])}) for row in rows)


def _first_of(part: str, skeleton: Skeleton) -> str:
    """Of a part "A|B" the first that the skeleton has; none: an empty text."""
    return next((one for one in part.split("|") if one in skeleton.parts), "")
