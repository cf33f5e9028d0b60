"""`openpose-py models ...`: which models there are, getting their files, checking them."""

from typing import Annotated

import typer

app = typer.Typer(
    help="Models and their files: list, get, check, import. Nothing is downloaded unasked.\n\n"
    "openpose-py models pull COCO",
    no_args_is_help=True,
)

Folder = Annotated[
    str,
    typer.Option(
        "--model_folder", metavar="DIR",
        help="Folder of the files; none: models/ and the user's cache are read, the cache written.",
    ),
]  # fmt: skip
Quiet = Annotated[bool, typer.Option("--quiet", help="Errors only.")]
AsJson = Annotated[bool, typer.Option("--json", help="As JSON, with everything that is known.")]
Name = Annotated[str, typer.Argument(help="Name of a model, as `list` shows it.")]


@app.command("list")
def list_(
    family: Annotated[str, typer.Option(help="Only this family, e.g. openpose.")] = "",
    skeleton: Annotated[str, typer.Option(help="Only models of this skeleton.")] = "",
    present: Annotated[
        bool | None, typer.Option("--present/--missing", help="Only with, or without, a file here.")
    ] = None,
    json: AsJson = False,
    model_folder: Folder = "",
) -> int:
    """All models: is a file there, skeleton, licence, published figures.

    openpose-py models list --family openpose
    """
    from openpose_py.cli.models import show_list

    return show_list(family, skeleton, present, json, model_folder)


@app.command()
def show(name: Name, json: AsJson = False, model_folder: Folder = "") -> int:
    """Everything that is known about a model.

    openpose-py models show BODY_25
    """
    from openpose_py.cli.models import show_one

    return show_one(name, json, model_folder)


@app.command()
def path(name: Name, model_folder: Folder = "") -> int:
    """The file that a run would read.

    openpose-py models path BODY_25
    """
    from openpose_py.cli.models import show_path

    return show_path(name, model_folder)


@app.command()
def pull(
    names: Annotated[list[str], typer.Argument(help="Names of models.")],
    file: Annotated[
        str, typer.Option(help="Of several files of a model this one: a part of its path.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Agree to the licence.")] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="No connection: only say what is missing.")
    ] = False,
    timeout: Annotated[
        float, typer.Option(help="Seconds of silence until a server is given up.", min=0.1)
    ] = 30.0,
    model_folder: Folder = "",
    quiet: Quiet = False,
) -> int:
    """Downloads models: address after address, resumed where one broke off, checked, then renamed.

    openpose-py models pull COCO face hand
    """
    from openpose_py.cli.pull import PullOptions, pull_models

    options = PullOptions(file, yes, offline, timeout, model_folder, quiet)
    return pull_models(names, options)


@app.command()
def verify(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names of models; none: all that are there.")
    ] = None,
    model_folder: Folder = "",
) -> int:
    """Reads files whole and compares them with what was published, or with what first came.

    openpose-py models verify
    """
    from openpose_py.cli.models import show_verified

    return show_verified(names or [], model_folder)


@app.command("import")
def import_(
    source: Annotated[str, typer.Argument(help="A weight file, or a folder to search.")],
    name: Annotated[
        str, typer.Option(help="Its model, where the weights could be of several.", metavar="NAME")
    ] = "",
    model_folder: Folder = "",
    quiet: Quiet = False,
) -> int:
    """Makes files that you have known to every run, whatever their names: told by what they hold.

    openpose-py models import body_pose_model.pth
    """
    from openpose_py.cli.import_models import import_models

    return import_models(source, name, model_folder, quiet)


@app.command()
def convert(
    file: Annotated[str, typer.Argument(help="A weight file of any known kind.")],
    output: Annotated[str, typer.Option(help="The .safetensors to write.", metavar="FILE")],
    quiet: Quiet = False,
) -> int:
    """A weight file into .safetensors, read back and compared.

    openpose-py models convert pose_iter_440000.caffemodel --output coco.safetensors
    """
    from openpose_py.cli.import_models import convert_file

    return convert_file(file, output, quiet)
