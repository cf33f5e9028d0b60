"""`openpose-py export MODEL_OR_WEIGHTS`: a network in another program's format."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from openpose_py.errors import EXIT_DONE, MissingModel, OutputError, UsageError, nearest

if TYPE_CHECKING:
    from openpose_py.export.exported import Wishes
    from openpose_py.zoo.cards import ModelCard

log = logging.getLogger("openpose_py.export")
FORMATS = ("caffemodel", "onnx", "openvino", "torchscript")


Model = Annotated[
    str, typer.Argument(help="A weight file, or the name of a model below --model_folder.")
]
Output = Annotated[str, typer.Option(help="The file to write.", metavar="FILE")]
Format = Annotated[
    str,
    typer.Option(
        help="caffemodel (for the original OpenPose), onnx, openvino (.xml with .bin) or "
        "torchscript.",
        metavar="FORMAT",
    ),
]
InputSize = Annotated[
    tuple[int, int],
    typer.Option(
        "--input_size", "--input-size", metavar="H W",
        help="Height and width of the input; 0 0: any.",
    ),
]  # fmt: skip
Stages = Annotated[
    int, typer.Option(help="Refinement stages kept behind the first; -1: all.", metavar="K")
]
BakePreprocess = Annotated[
    bool,
    typer.Option(
        "--bake_preprocess", "--bake-preprocess",
        help="The file takes B G R values 0 to 255: mean and scale go into it.",
    ),
]  # fmt: skip
ModelFolder = Annotated[
    str,
    typer.Option("--model_folder", "--model-folder", help="Where the models are.", metavar="DIR"),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Errors only.")]
Level = Annotated[
    int,
    typer.Option(
        "--logging_level", "--logging-level", help="1: all, 2: normal, 3: high.", metavar="N"
    ),
]


def main(
    model: Model,
    output: Output,
    format: Format = FORMATS[0],
    input_size: InputSize = (0, 0),
    stages: Stages = -1,
    bake_preprocess: BakePreprocess = False,
    model_folder: ModelFolder = "models/",
    quiet: Quiet = False,
    logging_level: Level = 3,
) -> int:
    """Writes a network for another program, and prints what is written.

    openpose-py export BODY_25 --format onnx --output body_25.onnx
    """
    from openpose_py.cli.messages import start_messages

    start_messages(logging_level, quiet)
    if format not in FORMATS:
        hint = nearest(format, FORMATS) or f"formats: {', '.join(FORMATS)}"
        raise UsageError(f"there is no format {format!r}", where="--format", hint=hint)
    target = Path(output)
    if not target.parent.is_dir():
        raise OutputError("there is no such folder", where=str(target.parent))
    given = _loaded(model, model_folder)
    if format != FORMATS[0]:
        from openpose_py.export.exported import Wishes

        size = input_size if any(input_size) else None
        wishes = Wishes(size, None if stages < 0 else stages, bake_preprocess)
        return _other_format(format, given, wishes, target)
    if any(input_size) or stages >= 0 or bake_preprocess:
        raise UsageError(
            "not for caffemodels, which OpenPose wants whole",
            where="--input_size, --stages, --bake_preprocess",
        )
    return _caffemodel(given, target)


class Loaded(NamedTuple):
    """name: of the network, as model cards have it. card: None for a file that no card fits."""

    name: str
    network: Any
    card: "ModelCard | None"


def _loaded(model: str, model_folder: str) -> Loaded:
    """The weights of a file, or of a model by its name."""
    from openpose_py.weights.any_network import load_any_network
    from openpose_py.weights.find import find_weights
    from openpose_py.weights.identify_alphapose import load_one_person_network
    from openpose_py.weights.load import load_network
    from openpose_py.zoo.cards import TOP_DOWN, card_named

    path = Path(model)
    if path.is_file():
        found = load_any_network(path)
        return Loaded(found.name, found.network, _card_of(found.name, found.maps))
    if path.suffix:
        raise MissingModel("there is no such file", where=model)
    card = card_named(model)
    weights = find_weights(card, Path(model_folder))
    if card.kind == TOP_DOWN:
        identified, network = load_one_person_network(weights, card.upsampling)
        return Loaded(identified.family, network, card)
    return Loaded(*load_network(weights, card.networks), card)


def _card_of(network: str, maps: int | None) -> "ModelCard | None":
    """The card that tells how the network's input is prepared, and its skeleton."""
    from openpose_py.zoo.cards import cards
    from openpose_py.zoo.part_cards import part_card
    from openpose_py.zoo.skeletons import read_skeleton

    fits = [
        card
        for card in (*cards().values(), part_card("face"), part_card("hand"))
        if network in card.networks and maps in (None, len(read_skeleton(card.skeleton).parts))
    ]
    ways = {(card.normalisation, card.input, card.upsampling) for card in fits}
    if len(ways) > 1:
        names = ", ".join(card.name for card in fits)
        raise UsageError(f"the file may be of {names}, which are prepared differently",
                         where="export", hint="name the model instead of the file")  # fmt: skip
    return fits[0] if fits else None


def _caffemodel(given: Loaded, target: Path) -> int:
    from openpose_py.export.caffemodel import write_caffemodel

    if target.suffix != ".caffemodel":
        raise UsageError("must end in .caffemodel", where=f"--output {target}")
    description = write_caffemodel(given.network, target)
    print(target)
    print(description)
    return EXIT_DONE


def _other_format(format: str, given: Loaded, wishes: "Wishes", target: Path) -> int:
    from openpose_py.export.formats import FORMATS, export

    if given.card is None:
        raise UsageError(f"no model card names the network {given.name}", where="export")
    written = export(FORMATS[format], given.name, given.network, given.card, wishes, target)
    for file in written.files:
        print(file)
    log.warning(
        "outputs: %s; largest difference from PyTorch: %.1e of the largest value",
        ", ".join(written.outputs), written.difference,
    )  # fmt: skip
    return EXIT_DONE
