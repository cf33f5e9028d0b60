"""`openpose-py decode MAPS`: everything after the network, on stored maps."""

from typing import Annotated, Any

import typer


def main(
    maps: Annotated[str, typer.Argument(help="A .npz file of network maps, or a folder of them.")],
    **values: Any,
) -> int:
    """Everything after the network, on stored maps (see --write_maps): thresholds without waiting.

    openpose-py decode maps/ --write_json out/ --write_images out/
    """
    from openpose_py.cli.decode_maps import decode_maps

    return decode_maps(maps, **values)
