"""Stage 2 of 5: frame -> maps. The contract of everything that can run a network."""

from collections.abc import Sequence
from typing import Protocol

from openpose_py.errors import StageError
from openpose_py.records import Maps, NetInput


class Engine(Protocol):
    """Runs one network on inputs of any size."""

    def run(self, net_input: NetInput) -> Maps: ...

    def run_batch(self, net_inputs: Sequence[NetInput]) -> list[Maps]:
        """The maps of inputs of the same shapes, in order. Here one after the other."""
        return [self.run(one) for one in net_inputs]


def refused_size(net_input: NetInput) -> StageError:
    """What to say when an exported file does not take an input of this size."""
    width, height = net_input.geometry.net_sizes[0]
    return StageError(
        f"the file does not take an input of {width}x{height}",
        where="network",
        hint="use the size that it was exported for: --net_resolution WIDTHxHEIGHT, or export it "
        "without --input_size",
    )
