"""Frames that go through the network together."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeVar

from openpose_py.errors import OpenPoseError
from openpose_py.records import NetInput

T = TypeVar("T")


def together(items: Iterable[T], most: int, alike: Callable[[T], Hashable]) -> Iterator[list[T]]:
    """Neighbours for which `alike` says the same, at most so many. An error of `items` comes when
    those before it are given."""
    group: list[T] = []
    try:
        for item in items:
            if group and alike(item) != alike(group[0]):
                yield group
                group = []
            group.append(item)
            if len(group) == most:
                yield group
                group = []
    except OpenPoseError:
        if group:
            yield group
        raise
    if group:
        yield group


def input_shapes(net_input: NetInput) -> Hashable:
    """What inputs must have in common to be stacked; without a tensor: no network wanted."""
    return tuple(tensor.shape for tensor in net_input.tensors)
