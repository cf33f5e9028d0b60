"""Is a file the one that was published? By size and digest, by its pin, or by what it holds."""

from collections.abc import Sequence
from pathlib import Path

from openpose_py.errors import ModelFileError
from openpose_py.store.notes import pin_digest, pinned_digest
from openpose_py.weights.files import digest_of, read_head
from openpose_py.zoo.cards import WeightFile

NETWORK_TEXT, ITS_WEIGHTS = ".xml", ".bin"  # OpenVINO's two files
XML_STARTS = (b"<?xml", b"<net")
PUBLISHED, AS_FIRST, NEW = "as published", "as first pulled", "no digest is published: pinned now"


def check_file(path: Path, file: WeightFile, allowed: Sequence[str]) -> str:
    """How the file was checked, one of the three above; a wrong one is a ModelFileError.

    path: where the bytes are now. file: the card's row. allowed: networks that it may hold.
    """
    size = path.stat().st_size
    if file.bytes is not None and size != file.bytes:
        raise _wrong(path, f"has {size:,} bytes, wanted {file.bytes:,}")
    if file.sha256:
        _check_digest(path, "sha256", file.sha256, "published")
        return PUBLISHED
    if file.md5:
        _check_digest(path, "md5", file.md5, "published")
        return PUBLISHED
    pinned = pinned_digest(file.path)
    if pinned:
        _check_digest(path, "sha256", pinned, "first pulled")
        return AS_FIRST
    check_content(path, allowed)
    pin_digest(file.path, digest_of(path))
    return NEW


def check_content(path: Path, allowed: Sequence[str]) -> None:
    """Reads the file whole, as a run would."""
    if path.suffix == NETWORK_TEXT:
        if not path.read_bytes()[:8].lstrip().startswith(XML_STARTS):
            raise _wrong(path, "is no description of a network")
        return
    read_head(path)
    if path.suffix == ITS_WEIGHTS:
        return

    # torch takes a second to load: only where no digest speaks for the file
    from openpose_py.weights.any_network import load_any_network
    from openpose_py.weights.identify import check_allowed

    check_allowed(load_any_network(path).name, allowed, path)


def _check_digest(path: Path, kind: str, wanted: str, origin: str) -> None:
    found = digest_of(path, kind)
    if found != wanted:
        raise _wrong(path, f"is not the {origin} file: its {kind} is {found}, wanted {wanted}")


def _wrong(path: Path, what: str) -> ModelFileError:
    return ModelFileError(what, where=str(path))
