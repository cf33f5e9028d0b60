"""Stage 2 of 5: frame -> maps. No network at all (--body 0): only sizes go on."""

from openpose_py.records import Maps, NetInput
from openpose_py.stages.maps.engines.engine import Engine


class NoNetwork(Engine):
    def run(self, net_input: NetInput) -> Maps:
        """Maps without a scale: nobody is found in them."""
        return Maps((), net_input.geometry)
