"""Object stores and web servers, through fsspec: s3://, gs://, http:// and whatever it knows."""

import contextlib
import functools
import hashlib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from openpose_py.batch.addresses import is_web
from openpose_py.errors import InputError, OpenPoseError, OutputError, StageError

PACKAGES = {"s3": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "http": "aiohttp", "https": "aiohttp"}
# errors of the drivers that are no OSError
OWN_ERRORS = (
    ("botocore.exceptions", "BotoCoreError"), ("botocore.exceptions", "ClientError"),
    ("aiohttp", "ClientError"), ("gcsfs.retry", "HttpError"),
)  # fmt: skip
# what changes with the content, the best first
VERSIONS = ("ETag", "etag", "md5Hash", "LastModified", "updated", "mtime", "created")


@functools.cache
def _driver(scheme: str) -> Any:
    """A file system of fsspec. It keeps no listings: they would be old at the second look."""
    try:
        import fsspec
    except ImportError as problem:
        raise StageError(f"{scheme}:// needs fsspec, which is not installed",
                         hint="type: pip install 'openpose-py[batch]'") from problem  # fmt: skip
    try:
        return fsspec.filesystem(scheme, use_listings_cache=False)
    except ImportError as problem:
        package = PACKAGES.get(scheme, "")
        hint = f"type: pip install {package}" if package else str(problem)
        raise StageError(f"{scheme}:// needs a package that is not installed", hint=hint) \
            from problem  # fmt: skip
    except ValueError as problem:
        raise InputError(f"{scheme}:// is not known", where=f"{scheme}://",
                         hint="known are s3://, gs://, http:// and those of fsspec") \
            from problem  # fmt: skip


@contextlib.contextmanager
def _told(kind: type[OpenPoseError], what: str, where: str) -> Iterator[Any]:
    """The file system for `where`; its errors as ours."""
    driver = _driver(where.partition("://")[0])
    own = tuple(
        getattr(sys.modules[module], name) for module, name in OWN_ERRORS if module in sys.modules
    )
    try:
        yield driver
    except FileNotFoundError as problem:
        raise kind(f"{what}: no such file or folder", where=where) from problem
    except (OSError, ValueError, NotImplementedError, *own) as problem:
        reason = " ".join(str(problem).split()) or type(problem).__name__
        raise kind(f"{what}: {reason}", where=where) from problem


def stamp(address: str) -> tuple[int, int]:
    """Size in bytes, of a folder of all its files, and a number that changes with the content."""
    with _told(InputError, "cannot be read", address) as driver:
        if address.endswith("/"):
            infos = [one for one in driver.ls(address, detail=True) if one["type"] == "file"]
        else:
            infos = [driver.info(address)]
    sizes = sum(info.get("size") or 0 for info in infos)
    versions = [str(next((i[key] for key in VERSIONS if i.get(key)), "")) for i in infos]
    digest = hashlib.blake2b("\n".join(versions).encode(), digest_size=8).digest()
    return sizes, int.from_bytes(digest) >> 1


def is_folder(address: str) -> bool:
    """A web address is one by its last sign: asking would fetch a whole video."""
    if is_web(address) or address.endswith("/"):
        return address.endswith("/")
    with _told(InputError, "cannot be read", address) as driver:
        return driver.isdir(address)


def listed(folder: str) -> Iterator[tuple[str, bool]]:
    """Full address of everything in it, and whether that is a folder; those end in a slash."""
    folder = folder.rstrip("/") + "/"
    with _told(InputError, "cannot be listed", folder) as driver:
        found = driver.ls(folder, detail=True)
        names = [(_full(folder, one["name"]), one["type"] != "file") for one in found]
    for name, is_dir in sorted(names):
        plain = name.rstrip("/")
        if plain.startswith(folder) and plain != folder.rstrip("/"):
            yield (plain + "/" if is_dir else plain), is_dir


def matching(pattern: str) -> list[str]:
    with _told(InputError, "cannot be listed", pattern) as driver:
        found = driver.glob(pattern, detail=True)
    return sorted(
        _full(pattern, name) + ("/" if info["type"] == "directory" else "")
        for name, info in found.items()
    )


def read(address: str) -> bytes:
    with _told(InputError, "cannot be read", address) as driver:
        return driver.cat_file(address)


def read_all(addresses: Sequence[str]) -> dict[str, bytes]:
    """At the same time where the store can; those that cannot be read are left out."""
    if not addresses:
        return {}
    with _told(InputError, "cannot be read", addresses[0]) as driver:
        found = driver.cat(list(addresses), on_error="omit")
        return {_full(addresses[0], name): text for name, text in found.items()}


def names_in(folder: str) -> set[str]:
    """Empty where there is no such folder."""
    with _told(OutputError, "cannot be listed", folder) as driver:
        try:
            found = driver.ls(folder.rstrip("/") + "/", detail=False)
        except FileNotFoundError:
            return set()
        return {name.rstrip("/").rpartition("/")[2] for name in found} - {""}


def fetch(address: str, folder: Path) -> str:
    """A copy below `folder`, of a folder of the files in it; its path."""
    name, parent = address.rstrip("/").partition("?")[0].rsplit("/", 2)[::-1][:2]
    place = folder / (parent or "input") / name
    place.parent.mkdir(parents=True, exist_ok=True)
    with _told(InputError, "cannot be read", address) as driver:
        if not address.endswith("/"):
            driver.get_file(address, str(place))
            return str(place)
    place.mkdir()
    for one, is_dir in listed(address):
        if not is_dir:
            with _told(InputError, "cannot be read", one) as driver:
                driver.get_file(one, str(place / os.path.basename(one)))
    return str(place)


def write(address: str, data: bytes) -> None:
    with _told(OutputError, "cannot be written", address) as driver:
        driver.pipe_file(address, data)


def upload(path: Path, address: str) -> None:
    with _told(OutputError, "cannot be written", address) as driver:
        driver.put_file(str(path), address)


def remove(address: str) -> None:
    with _told(OutputError, "cannot be written", address) as driver:
        driver.rm_file(address)


def remove_below(folder: str, but: str, first: str) -> None:
    """Every file below it except `but`; `first` before the others."""
    with _told(OutputError, "cannot be written", folder) as driver:
        names = [_full(folder, name) for name in driver.find(folder)]
        for name in sorted(names, key=lambda name: name != first):
            if name != but:
                driver.rm_file(name)


def _full(like: str, name: str) -> str:
    """Drivers name files without the scheme, and begin with a slash as they like."""
    scheme, _, rest = like.partition("://")
    slash = "/" if rest.startswith("/") else ""
    return name if "://" in name else f"{scheme}://{slash}{name.lstrip('/')}"
