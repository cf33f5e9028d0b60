"""Opens a weight file: what it holds by its first bytes, and its bytes as a memory map."""

import hashlib
import io
import mmap
import os
from pathlib import Path

from openpose_py.errors import ModelFileError

MAX_BYTES = 2**31 - 1  # Caffe's own limit
HEAD = 512
ZIP = b"PK\x03\x04"
OLD_TORCH = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."  # a pickled magic number
NUMPY = b"\x93NUMPY"
CHECKPOINT = ".index"  # of TensorFlow; its weights lie in files beside it
ITS_DATA = ".data-"
NAME = b"\x0a"  # a protobuf message's field 1, with a length
OTHER_FILES = (  # first bytes of what lies in the same folders
    (b"\xff\xd8\xff", "is a picture"),
    (b"\x89PNG", "is a picture"),
    (b"\x1f\x8b", "is an archive"),
    (b"7z\xbc\xaf\x27\x1c", "is an archive"),
    (b"Rar!", "is an archive"),
    (b"\x89HDF", "is an HDF5 file"),
)
FETCH_AGAIN = "get the file again; it must be the binary file itself"


def read_head(path: Path) -> bytes:
    """The first bytes of a file that is neither empty, nor too large, nor text."""
    try:
        if path.is_dir():
            raise ModelFileError("is a folder, not a weight file", where=str(path))
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError as problem:
        raise ModelFileError(f"cannot be read: {problem.strerror}", where=str(path)) from problem
    if not head:
        raise ModelFileError("is empty", where=str(path), hint=FETCH_AGAIN)
    if size > MAX_BYTES:
        raise ModelFileError("is larger than 2 GiB, which no weight file is", where=str(path))
    _check_not_text(head, path)
    _check_not_other(head, path)
    return head


class BoundedFile(io.FileIO):
    """A file whose read(n) makes no room for more bytes than are left."""

    def read(self, size: int | None = -1) -> bytes:
        left = max(0, os.fstat(self.fileno()).st_size - self.tell())
        return super().read(left if size is None or size < 0 else min(size, left))


def map_bytes(path: Path) -> memoryview:
    """The whole file, mapped; the map lives as long as the view."""
    try:
        with path.open("rb") as file:
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError) as problem:
        raise ModelFileError(f"cannot be read: {problem}", where=str(path)) from problem


def digest_of(path: Path, kind: str = "sha256") -> str:
    """The file's digest, in hexadecimal."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, kind).hexdigest()
    except OSError as problem:
        raise ModelFileError(f"cannot be read: {problem.strerror}", where=str(path)) from problem


def kind_of(path: Path) -> str:
    """ "torch", "safetensors", "graph" and "checkpoint" (of TensorFlow), "numpy", "openvino" or
    "caffemodel": by the content first, then by the name."""
    if path.suffix.lower() == ".xml":  # a text, as no other weight file is
        return "openvino"
    if path.suffix.startswith(ITS_DATA):
        index = path.with_suffix(CHECKPOINT).name
        what = "holds the numbers of a checkpoint, not their names"
        raise ModelFileError(what, where=str(path), hint=f"name {index}, which lies beside it")
    head = read_head(path)
    if head.startswith(NUMPY):
        return "numpy"
    if path.suffix.lower() == CHECKPOINT:
        return "checkpoint"
    if head.startswith((ZIP, OLD_TORCH)):
        return "torch"
    if head[8:9] == b"{" and int.from_bytes(head[:8], "little") <= path.stat().st_size:
        return "safetensors"
    if _begins_with_a_node(head):
        return "graph"
    by_suffix = {".pth": "torch", ".pt": "torch", ".safetensors": "safetensors", ".pb": "graph"}
    return by_suffix.get(path.suffix.lower(), "caffemodel")


def _begins_with_a_node(head: bytes) -> bool:
    """A GraphDef begins with a node, that with its name (both field 1); behind it stands the op
    (field 2). A caffemodel begins with its own name."""
    if head[:1] != NAME or head[1] == 0:
        return False
    start = 2 if head[1] < 0x80 else 3
    if head[start : start + 1] != NAME:
        return False
    op = start + 2 + head[start + 1]
    return head[op : op + 1] == b"\x12"


def _check_not_text(head: bytes, path: Path) -> None:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"version https://git-lfs"):
        what = "is a pointer of git-lfs, not the file it stands for"
        raise ModelFileError(what, where=str(path), hint="run `git lfs pull` in its repository")
    if start.startswith(b"<"):
        raise ModelFileError("is a web page, not weights", where=str(path), hint=FETCH_AGAIN)
    if all(32 <= byte < 127 or byte in b"\t\r\n" for byte in head):
        raise ModelFileError("is a text file, not weights", where=str(path), hint=FETCH_AGAIN)


def _check_not_other(head: bytes, path: Path) -> None:
    for start, what in OTHER_FILES:
        if head.startswith(start):
            hint = "unpack it, and name what is in it" if "archive" in what else FETCH_AGAIN
            raise ModelFileError(f"{what}, not weights", where=str(path), hint=hint)
