"""Stage 3 of 5: maps -> people. The stage's public face.

Three backends, the same answers: "reference" is the definition in plain numpy and slow, "cpu" is
compiled and computes only what is needed, "cuda" does so on a GPU.
"""

from collections.abc import Callable

import numpy as np

from openpose_py.errors import UsageError, nearest
from openpose_py.records import Geometry, Maps, Peaks, People
from openpose_py.stages.people import limbs_cpu, peaks_cpu, reference_maps, reference_people
from openpose_py.stages.people.assemble import assemble
from openpose_py.stages.people.cuda.where import gpu_of, runs_on
from openpose_py.stages.people.grid import grid_of
from openpose_py.stages.people.options import DecodeOptions, Links
from openpose_py.stages.people.reject import people_from
from openpose_py.zoo.skeletons import Skeleton, read_skeleton


def decode(
    maps: Maps, skeleton: Skeleton, options: DecodeOptions, backend: str | None = None
) -> tuple[People, Peaks]:
    """People in frame pixels, and all peaks in net pixels with the peak offset added. backend:
    where the maps lie, unless named."""
    _check(maps, skeleton)
    if backend is None:
        gpu = gpu_of(maps)
        backend = "cpu" if gpu is None or not runs_on(gpu) else "cuda"
    if backend not in BACKENDS:
        hint = nearest(backend, BACKENDS) or f"backends: {', '.join(BACKENDS)}"
        raise UsageError(f"there is no decoder {backend!r}", hint=hint)
    return BACKENDS[backend](maps, skeleton, options)


def _check(maps: Maps, skeleton: Skeleton) -> None:
    for scale in maps.scales:
        if len(scale.shape) != 3 or scale.shape[0] < skeleton.channels or 0 in scale.shape:
            raise UsageError(
                f"maps of shape {tuple(scale.shape)} are not of {skeleton.name}",
                hint=f"({skeleton.channels}, height, width) is wanted",
            )
    if len(maps.geometry.frame_to_net) != len(maps.scales):
        raise UsageError(
            f"{len(maps.scales)} maps, but {len(maps.geometry.frame_to_net)} factors to the frame"
        )


def _decode_reference(
    maps: Maps, skeleton: Skeleton, options: DecodeOptions
) -> tuple[People, Peaks]:
    geometry, parts = maps.geometry, len(skeleton.parts)
    upsampled = reference_maps.upsample(maps, options.upsampling_ratio)
    peaks = reference_maps.find_peaks(
        upsampled[:parts], options.peak_threshold, options.max_peaks, geometry.peak_offset
    )
    links = reference_people.score_limbs(upsampled, peaks, skeleton, options)
    groups = reference_people.assemble(peaks, links, skeleton)
    return people_from(groups, peaks, len(skeleton.limbs), geometry.net_to_frame, options), peaks


def _decode_cpu(maps: Maps, skeleton: Skeleton, options: DecodeOptions) -> tuple[People, Peaks]:
    geometry, parts = maps.geometry, len(skeleton.parts)
    grid = grid_of(maps, options.upsampling_ratio)
    peaks = peaks_cpu.find_peaks(
        grid, parts, options.peak_threshold, options.max_peaks, geometry.peak_offset
    )
    links = limbs_cpu.score_limbs(grid, peaks, skeleton, options)
    return people_of(peaks, links, maps, skeleton, options), peaks


def _decode_cuda(maps: Maps, skeleton: Skeleton, options: DecodeOptions) -> tuple[People, Peaks]:
    from openpose_py.stages.people.cuda.launch import peaks_and_links

    peaks, links = peaks_and_links(maps, skeleton, options, gpu_of(maps) or 0)
    return people_of(peaks, links, maps, skeleton, options), peaks


def people_of(
    peaks: Peaks, links: Links, maps: Maps, skeleton: Skeleton, options: DecodeOptions
) -> People:
    """The last step, on the CPU for all backends: the lists are short."""
    groups = assemble(peaks, links, skeleton)
    return people_from(groups, peaks, len(skeleton.limbs), maps.geometry.net_to_frame, options)


Decoder = Callable[[Maps, Skeleton, DecodeOptions], tuple[People, Peaks]]
BACKENDS: dict[str, Decoder] = {
    "reference": _decode_reference,
    "cpu": _decode_cpu,
    "cuda": _decode_cuda,
}


def warm_up() -> None:
    """Compiles all kernels, or reads them from numba's cache: half a minute, or half a second."""
    skeleton = read_skeleton("MPI")
    cells = np.zeros((skeleton.channels, 4, 4), np.float32)
    cells[: len(skeleton.parts), 1, 1] = 1
    options = DecodeOptions(0.5, 0.01, 0.5, 1, 0.0)
    geometry = Geometry((32, 32), ((32, 32),), (1.0,), (32, 32), 1.0, 1.0, 0.5)
    decode(Maps((cells,), geometry), skeleton, options)
