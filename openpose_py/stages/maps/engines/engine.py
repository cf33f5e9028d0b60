"""Stage 2 of 5: frame -> maps. The contract of everything that can run a network."""

from typing import Protocol

from openpose_py.records import Maps, NetInput


class Engine(Protocol):
    """Runs one network on inputs of any size."""

    def run(self, net_input: NetInput) -> Maps: ...
