"""Stage 2 of 5: frame -> maps. The contract of everything that can run a network."""

from typing import Protocol

from openpose_py.errors import StageError
from openpose_py.records import Maps, NetInput


class Engine(Protocol):
    """Runs one network on inputs of any size."""

    def run(self, net_input: NetInput) -> Maps: ...


def refused_size(net_input: NetInput) -> StageError:
    """What to say when an exported file does not take an input of this size."""
    width, height = net_input.geometry.net_sizes[0]
    return StageError(
        f"the file does not take an input of {width}x{height}",
        where="network",
        hint="use the size that it was exported for: --net_resolution WIDTHxHEIGHT, or export it "
        "without --input_size",
    )
