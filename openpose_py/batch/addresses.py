"""Addresses such as s3://bucket/walk.mp4 beside paths of this machine."""

import os

WEB = ("http://", "https://")


def is_remote(path: str) -> bool:
    return "://" in path


def is_web(path: str) -> bool:
    return path.startswith(WEB)


def absolute(path: str) -> str:
    return path if is_remote(path) else os.path.abspath(path)


def place_of(path: str) -> str:
    """An absolute path whose names are those of the address, without what is asked after a ?."""
    if not is_remote(path):
        return os.path.abspath(path)
    plain = path.partition("?")[0] if is_web(path) else path
    return os.sep + plain.replace("://", "/").rstrip("/")


def file_name(path: str) -> str:
    return os.path.basename(place_of(path))


def below(folder: str, name: str) -> str:
    """`name` beside its list or manifest, unless it is absolute."""
    if is_remote(name):
        return name
    return f"{folder}/{name}" if is_remote(folder) else os.path.join(folder, name)
