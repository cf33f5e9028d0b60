"""Stage 3 of 5: maps -> people. Peaks and links by the kernels, on whatever runs them.

Three launches a frame: peaks of all parts, their order, links of all limbs. Nothing comes back in
between; what comes back is one short block of memory. The answers are those of `peaks_cpu` and
`limbs_cpu` to the last bit.
"""

import dataclasses
import functools
from typing import Any, NamedTuple, Protocol

import numpy as np

from openpose_py.records import Maps, Peaks, Size
from openpose_py.stages.people.bounds_cpu import ROUNDING
from openpose_py.stages.people.grid import weight_sums
from openpose_py.stages.people.limbs_cpu import VISITS
from openpose_py.stages.people.options import DecodeOptions, Links
from openpose_py.stages.people.reference_people import LEAST_SCORE, NEAR
from openpose_py.upsampling.axes import axis_taps, target_size, upsampling_factors
from openpose_py.zoo.skeletons import Skeleton

TILE = (32, 16)  # net pixels, width and height: TILE_WIDTH, TILE_HEIGHT of peaks.cu
BLOCKS_A_LIMB = 64  # they share the pairs of peaks; enough to fill a GPU


class Processor(Protocol):
    """Runs the kernels: a GPU, or the C++ build of the same sources."""

    arrays: Any  # numpy, or what stands for it there

    def flat(self, scales: tuple[Any, ...]) -> Any:
        """float32, flat: the maps of all scales, one after another, in the processor's memory."""

    def launch(self, kernel: str, blocks: tuple[int, int, int], *arguments: Any) -> None:
        """Arguments: arrays of the processor, numpy scalars of 4 bytes."""

    def fetch(self, array: Any) -> np.ndarray:
        """What an array holds when all launches are done; valid until the next call."""


@dataclasses.dataclass(frozen=True)
class Rooms:
    """For how much there is memory; more of it is taken when a frame needs it."""

    candidates: int = 1024  # a part, before only the first ones are kept
    peaks: int = 128  # a part
    links: int = 4096  # a frame


class Answer(NamedTuple):
    """Views of one block of memory. found: int32 (parts,), candidates. kept: int32 (parts,), peaks.
    links: int32 (1,). table: float32 (parts, rooms.peaks, 3). index: int32 (rooms.links, 3).
    scores: float32 (rooms.links,)."""

    found: Any
    kept: Any
    links: Any
    table: Any
    index: Any
    scores: Any


class Layout(NamedTuple):
    """Where the maps lie, as the kernels want it; see pixels.cu. scales: int32 (scales, 3);
    factors, weights: float32 (scales, 2)."""

    scales: Any
    factors: Any
    weights: Any
    numbers: tuple[np.int32, ...]  # count of scales, width, height, copies


class KernelDecoder:
    """The kernels with the memory they work in. For one thread."""

    def __init__(self, processor: Processor, rooms: Rooms | None = None) -> None:
        self._processor = processor
        self.rooms = rooms or Rooms()
        self._put = processor.arrays.asarray
        self._layout = functools.lru_cache(maxsize=16)(self._upload_layout)
        self._limbs = functools.lru_cache(maxsize=16)(self._upload_limbs)
        self._visits = self._put(VISITS.astype(np.int32))
        self._memory = functools.lru_cache(maxsize=1)(self._new_memory)

    def peaks_and_links(
        self, maps: Maps, skeleton: Skeleton, options: DecodeOptions
    ) -> tuple[Peaks, Links]:
        """See `reference_maps.find_peaks` and `reference_people.score_limbs`."""
        cells = self._processor.flat(maps.scales)
        while True:
            answer = self._run(cells, maps, skeleton, options)
            needed = Rooms(
                max(self.rooms.candidates, _rounded_up(answer.found.max())),
                max(self.rooms.peaks, _rounded_up(answer.kept.max())),
                max(self.rooms.links, _rounded_up(answer.links[0])),
            )
            if needed == self.rooms:
                return _peaks(answer), _links(answer)
            self.rooms = needed

    def _run(self, cells: Any, maps: Maps, skeleton: Skeleton, options: DecodeOptions) -> Answer:
        """All launches for one frame; counts beyond the rooms are right, rows are missing."""
        parts, rooms, launch = len(skeleton.parts), self.rooms, self._processor.launch
        size = target_size(maps, options.upsampling_ratio)
        factors = tuple((float(x), float(y)) for x, y in upsampling_factors(maps, size))
        shapes = tuple(tuple(scale.shape) for scale in maps.scales)
        layout = self._layout(size, shapes, factors)
        block, places, candidates = self._memory(parts, rooms)
        answer = _views(block, parts, rooms)
        block[: 2 * parts + 1].fill(0)
        where = (cells, layout.scales, layout.factors, *layout.numbers)
        tiles = -(-size[0] // TILE[0]), -(-size[1] // TILE[1])
        launch(
            "find_peaks", (*tiles, parts), *where, layout.weights,
            np.float32(options.peak_threshold), np.float32(maps.geometry.peak_offset),
            np.int32(rooms.candidates), answer.found, places, candidates,
        )  # fmt: skip
        launch(
            "sort_peaks", (parts, 1, 1), np.int32(rooms.candidates), np.int32(rooms.peaks),
            np.int32(max(options.max_peaks, 0)), answer.found, places, candidates, answer.kept,
            answer.table,
        )  # fmt: skip
        limbs = self._limbs(skeleton.limbs.tobytes(), skeleton.paf_channels.tobytes())
        launch(
            "score_limbs", (BLOCKS_A_LIMB, len(skeleton.limbs), 1), *where, limbs, self._visits,
            answer.kept, answer.table, np.int32(rooms.peaks), *_limits(size, options),
            np.int32(rooms.links), answer.links, answer.index, answer.scores,
        )  # fmt: skip
        return _views(self._processor.fetch(block), parts, rooms)

    def _upload_layout(
        self,
        size: Size,
        shapes: tuple[tuple[int, ...], ...],
        factors: tuple[tuple[float, float], ...],
    ) -> Layout:
        """shapes: of each scale, channels, height, width."""
        begins = np.cumsum([0, *(np.prod(shape) for shape in shapes[:-1])])
        scales = [(begin, *shape[1:]) for begin, shape in zip(begins, shapes, strict=True)]
        copies = len(shapes) == 1 and shapes[0][1:] == size[::-1]
        weights = [_weights(size, *pair) for pair in zip(shapes, factors, strict=True)]
        return Layout(
            self._put(np.array(scales, np.int32)),
            self._put(np.array(factors, np.float32)),
            self._put(np.array(weights, np.float32)),
            tuple(np.int32(number) for number in (len(shapes), *size, copies)),
        )

    def _upload_limbs(self, limbs: bytes, paf_channels: bytes) -> Any:
        pairs = [np.frombuffer(pair, np.int64).reshape(-1, 2) for pair in (limbs, paf_channels)]
        return self._put(np.concatenate(pairs, axis=1).astype(np.int32))

    def _new_memory(self, parts: int, rooms: Rooms) -> tuple[Any, Any, Any]:
        """The answer's block, and the candidates' places and values."""
        arrays, rows = self._processor.arrays, parts * rooms.candidates
        numbers = 2 * parts + 1 + 3 * parts * rooms.peaks + 4 * rooms.links
        return (
            arrays.empty(numbers, np.int32),
            arrays.empty(rows, np.int32),
            arrays.empty(3 * rows, np.float32),
        )


def _weights(
    size: Size, shape: tuple[int, ...], factor: tuple[float, float]
) -> tuple[np.float32, np.float32]:
    """How far a pixel can rise: times its highest cell, and times the depth of its lowest."""
    _, ways_x = axis_taps(size[0], shape[2], np.float32(factor[0]))
    _, ways_y = axis_taps(size[1], shape[1], np.float32(factor[1]))
    up, down = weight_sums(np.concatenate([ways_x, ways_y]))
    return np.float32(up * up + down * down) * ROUNDING, np.float32(2 * up * down) * ROUNDING


def _limits(size: Size, options: DecodeOptions) -> tuple[np.float32, ...]:
    """See `Limits` of limbs.cu."""
    return (
        np.float32(options.limb_sample),
        np.float32(options.limb_share),
        np.sqrt(np.float32(size[0] * size[1])) / np.float32(NEAR),
        np.float32(options.peak_threshold) + LEAST_SCORE,
    )


def _views(block: Any, parts: int, rooms: Rooms) -> Answer:
    table = 2 * parts + 1
    index = table + 3 * parts * rooms.peaks
    scores = index + 3 * rooms.links
    return Answer(
        block[:parts],
        block[parts : 2 * parts],
        block[2 * parts : table],
        block[table:index].view(np.float32).reshape(parts, rooms.peaks, 3),
        block[index:scores].reshape(rooms.links, 3),
        block[scores:].view(np.float32),
    )


def _rounded_up(number: int) -> int:
    """To a power of two, so that memory is not taken anew for every frame."""
    return 1 << max(int(number) - 1, 0).bit_length()


def _peaks(answer: Answer) -> Peaks:
    used = np.arange(answer.table.shape[1]) < answer.kept[:, None]
    return Peaks(answer.table[used], np.cumsum([0, *answer.kept], dtype=np.int64))


def _links(answer: Answer) -> Links:
    """In their order; on the processor they come as they are found."""
    index = answer.index[: answer.links[0]]
    order = np.lexsort(index.T[::-1])
    return Links(index[order], answer.scores[: len(order)][order])
