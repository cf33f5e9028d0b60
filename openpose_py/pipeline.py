"""One frame after the other through the stages, each stage in a thread of its own.

    frames -> maps (prepare, network) -> people -> pictures -> (the caller writes)

The stages are plain functions. Queues between them are bounded, so memory stays constant however
long a video is; results keep the order of the frames; an error in any stage reaches the caller,
and closing the iterator ends every thread.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from typing import Protocol

from openpose_py.records import Frame, Maps, NetInput, People, Result
from openpose_py.threads import Threads
from openpose_py.timings import Timings

DEPTH = 3  # items that wait between two stages

Step = Callable[[Iterable[Result]], Iterator[Result]]


class PeopleAndPictures(Protocol):
    """The stages that turn maps into a result."""

    def people(self, frame: Frame, maps: Maps) -> Result: ...

    def picture(self, result: Result) -> Result: ...


def results(
    frames: Iterable[Frame],
    prepare: Callable[[Frame], NetInput],
    network: Callable[[NetInput], Maps],
    after: PeopleAndPictures,
    over_time: Mapping[str, Step],
    timings: Timings,
    depth: int = DEPTH,
) -> Generator[Result]:
    """The results of all frames, in order.

    over_time: what is done between people and pictures. depth: of each queue; 0: no threads.
    """
    threads = Threads(depth)
    prepare = timings.measured("prepare", prepare)
    network = timings.measured("network", network)
    try:
        read = threads.ahead(timings.iterated("read", frames), "read")
        prepared = threads.ahead(((frame, prepare(frame)) for frame in read), "prepare")
        mapped = threads.ahead(((frame, network(given)) for frame, given in prepared), "network")
        yield from _from_maps(mapped, after, over_time, timings, threads)
    finally:
        threads.close()


def results_of_maps(
    mapped: Iterable[tuple[Frame, Maps]], after: PeopleAndPictures, timings: Timings, threaded: bool
) -> Generator[Result]:
    """The results of frames whose maps are there already, in order."""
    threads = Threads(DEPTH if threaded else 0)
    try:
        read = threads.ahead(timings.iterated("read", mapped), "read")
        yield from _from_maps(read, after, {}, timings, threads)
    finally:
        threads.close()


def _from_maps(
    mapped: Iterable[tuple[Frame, Maps]],
    after: PeopleAndPictures,
    over_time: Mapping[str, Step],
    timings: Timings,
    threads: Threads,
) -> Generator[Result]:
    def find(pair: tuple[Frame, Maps]) -> Result:
        return after.people(*pair)

    people = timings.measured("people", find)
    found = threads.ahead(map(people, mapped), "people")
    for name, step in over_time.items():
        found = threads.ahead(step(found), name)
    yield from threads.ahead(map(timings.measured("pictures", after.picture), found), "pictures")


def passed_through(frames: Iterable[Frame], parts: int) -> Generator[Result]:
    """Frames in which nobody is looked for (--num_gpu 0)."""
    for frame in frames:
        yield Result(frame, People.nobody(parts))
