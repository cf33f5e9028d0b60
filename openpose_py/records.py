"""The records that travel from stage to stage: Frame -> NetInput -> Maps -> People -> Result.

Coordinates. Frame pixels: of the picture as it was read. Net pixels: of the upsampled heat maps of
the first scale (the network's input size unless --upsampling_ratio says otherwise). Map cells: of
the network's output. Output pixels: of the drawn picture. Only `Geometry` converts between them.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

Size = tuple[int, int]  # width, height


@dataclasses.dataclass(frozen=True, slots=True)
class Frame:
    """pixels: uint8 (height, width, 3), B G R. index: 0-based position in its source."""

    pixels: np.ndarray
    index: int
    name: str
    time: float  # seconds from the start of the source; pictures: 0
    origin: str  # the file or address it came from
    view: int = 0  # of several cameras at one time step

    @property
    def size(self) -> Size:
        return self.pixels.shape[1], self.pixels.shape[0]

    def file_stem(self, kind: str) -> str:
        """`<name>_<kind>`; further views of a time step get _1, _2, ..."""
        return f"{self.name}_{kind}" + (f"_{self.view}" if self.view else "")


@dataclasses.dataclass(frozen=True, slots=True)
class Geometry:
    """Where one frame lies in the network's inputs and in the drawn picture."""

    frame_size: Size
    net_sizes: tuple[Size, ...]  # one a scale
    frame_to_net: tuple[float, ...]  # one a scale
    output_size: Size
    frame_to_output: float
    net_to_frame: float  # OpenPose calls it scale_net_to_output
    peak_offset: float  # net pixels, added to x and y of every peak: nms_offset
    stretch: float = 1.0  # net_to_frame of y beside that of x; 1: the frame's shape is kept


@dataclasses.dataclass(frozen=True, slots=True)
class NetInput:
    """tensors: one a scale, float32 (1, 3, height, width), B G R, normalised."""

    tensors: tuple[np.ndarray, ...]
    geometry: Geometry


@dataclasses.dataclass(frozen=True, slots=True)
class Maps:
    """scales: one float32 array a scale (channels, height, width) in map cells.

    Channel order: parts, the background where the model has one, PAF channels. The arrays may be
    torch tensors that still lie on their device.
    """

    scales: tuple[Any, ...]
    geometry: Geometry
    stride: int = 8


@dataclasses.dataclass(frozen=True, slots=True)
class Peaks:
    """Candidates of all parts: rows of x, y, score in net pixels, part after part.

    table: float32 (peaks, 3); within a part in raster order. starts: int64 (parts + 1,), where each
    part's rows begin; the last entry is the number of peaks.
    """

    table: np.ndarray
    starts: np.ndarray

    def of(self, part: int) -> np.ndarray:
        return self.table[self.starts[part] : self.starts[part + 1]]

    @property
    def parts(self) -> int:
        return len(self.starts) - 1


@dataclasses.dataclass(frozen=True, slots=True)
class People:
    """keypoints: float32 (people, parts, 3): x, y, score; a part not found is 0, 0, 0.

    scores: float32 (people,). Frame pixels, unless `--keypoint_scale` converted them.
    """

    keypoints: np.ndarray
    scores: np.ndarray

    def __post_init__(self) -> None:
        if self.keypoints.ndim != 3 or self.keypoints.shape[2] != 3:
            raise ValueError(f"keypoints must be (people, parts, 3), got {self.keypoints.shape}")
        if self.scores.shape != self.keypoints.shape[:1]:
            raise ValueError(f"{len(self.keypoints)} people but scores {self.scores.shape}")

    def __len__(self) -> int:
        return len(self.scores)

    @staticmethod
    def nobody(parts: int) -> People:
        return People(np.zeros((0, parts, 3), np.float32), np.zeros(0, np.float32))


@dataclasses.dataclass(frozen=True, slots=True)
class Result:
    """Everything that is known about one frame. Keypoints are in frame pixels, or in the
    coordinates of `--keypoint_scale` once the picture is drawn. None: not asked for."""

    frame: Frame
    people: People
    geometry: Geometry | None = None  # None: no network ran
    candidates: Peaks | None = None
    picture: np.ndarray | None = None  # uint8 (height, width, 3), B G R
    maps: Maps | None = None
    heat_maps: np.ndarray | None = None  # (channels, height, width), scaled for export
    faces: np.ndarray | None = None  # float32 (people, 70, 3)
    hands: np.ndarray | None = None  # float32 (2, people, 21, 3), left hands first
    person_ids: np.ndarray | None = None  # int64 (people,)
    raw_pose: np.ndarray | None = None  # float32 (people, parts, 3): before --smooth, as saved
    pose_filled: np.ndarray | None = None  # bool (people, parts): points that --smooth put in
    pose_3d: np.ndarray | None = None  # float32 (people, parts, 4): x, y, z, 1 or 0
    face_3d: np.ndarray | None = None
    hands_3d: np.ndarray | None = None  # float32 (2, people, 21, 4)
