"""One frame after the other through the stages, each stage in a thread of its own.

    frames -> maps (prepare, network) -> people -> pictures -> (the caller writes)

The network may see several frames at once; several devices share the frames, a thread each. The
stages are plain functions. Queues between them are bounded, so memory stays constant however long a
video is; results keep the order of the frames; an error in any stage reaches the caller, and
closing the iterator ends every thread.
"""

import dataclasses
import itertools
from collections.abc import (
    Callable,
    Generator,
    Hashable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from typing import Any

from openpose_py.records import Frame, Maps, People, Result
from openpose_py.threads import Threads
from openpose_py.timings import Timings
from openpose_py.together import together

DEPTH = 3  # items that wait between two stages

Network = Callable[[Sequence[Any]], Sequence[Any]]  # of several frames
Step = Callable[[Iterable[Result]], Iterator[Result]]


@dataclasses.dataclass(frozen=True, slots=True)
class Stages:
    """From frames to people. What goes from one to the next is theirs alone: maps of the frame for
    most models, crops of its people for others.

    networks: the same one a device. batch: frames that one sees at once, at most. alike: what they
    must have in common, asked for batches above 1.
    """

    prepare: Callable[[Frame], Any]
    networks: Sequence[Network]
    people: Callable[[Frame, Any], Result]
    batch: int = 1
    alike: Callable[[Any], Hashable] = id


def results(
    frames: Iterable[Frame],
    stages: Stages,
    picture: Callable[[Result], Result],
    over_time: Mapping[str, Step],
    timings: Timings,
    depth: int = DEPTH,
) -> Generator[Result]:
    """The results of all frames, in order.

    over_time: what is done between people and pictures. depth: of each queue; 0: no threads.
    """
    threads = Threads(depth)
    prepare = timings.measured("prepare", stages.prepare)
    networks = [timings.measured("network", _paired(one), len) for one in stages.networks]
    try:
        read = threads.ahead(timings.iterated("read", frames), "read")
        prepared = ((frame, prepare(frame)) for frame in read)
        groups = together(prepared, stages.batch, lambda pair: stages.alike(pair[1]))
        answers = threads.spread(threads.ahead(groups, "prepare"), networks, "network")
        mapped = itertools.chain.from_iterable(answers)
        yield from _from_maps(mapped, stages.people, picture, over_time, timings, threads)
    finally:
        threads.close()


def results_of_maps(
    mapped: Iterable[tuple[Frame, Maps]],
    people: Callable[[Frame, Maps], Result],
    picture: Callable[[Result], Result],
    timings: Timings,
    threaded: bool,
) -> Generator[Result]:
    """The results of frames whose maps are there already, in order."""
    threads = Threads(DEPTH if threaded else 0)
    try:
        read = threads.ahead(timings.iterated("read", mapped), "read")
        yield from _from_maps(read, people, picture, {}, timings, threads)
    finally:
        threads.close()


def _paired(network: Network) -> Callable[[list[tuple[Frame, Any]]], list[tuple[Frame, Any]]]:
    """Each frame keeps its company."""

    def run(group: list[tuple[Frame, Any]]) -> list[tuple[Frame, Any]]:
        found = network([given for _, given in group])
        return [(frame, one) for (frame, _), one in zip(group, found, strict=True)]

    return run


def _from_maps(
    mapped: Iterable[tuple[Frame, Any]],
    people: Callable[[Frame, Any], Result],
    picture: Callable[[Result], Result],
    over_time: Mapping[str, Step],
    timings: Timings,
    threads: Threads,
) -> Generator[Result]:
    def find(pair: tuple[Frame, Any]) -> Result:
        return people(*pair)

    found = threads.ahead(map(timings.measured("people", find), mapped), "people")
    for name, step in over_time.items():
        found = threads.ahead(timings.stepped(name, step, found), name)
    yield from threads.ahead(map(timings.measured("pictures", picture), found), "pictures")


def passed_through(frames: Iterable[Frame], parts: int) -> Generator[Result]:
    """Frames in which nobody is looked for (--num_gpu 0)."""
    for frame in frames:
        yield Result(frame, People.nobody(parts))
