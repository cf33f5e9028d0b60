"""The nine networks of OpenPose and our own, by the name that model cards use."""

import functools
from collections.abc import Callable

from torch import nn

from openpose_py.networks import compact_cpm, dense_cpm, vgg_cpm

NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "body_25": dense_cpm.body_25,
    "body_25b_option1": dense_cpm.body_25b_option1,
    "body_25b_option2": dense_cpm.body_25b_option2,
    "body_135": dense_cpm.body_135,
    "coco": functools.partial(vgg_cpm.body_network, 38, 19, stages=6),
    "mpi": functools.partial(vgg_cpm.body_network, 28, 16, stages=6),
    "mpi_4_layers": functools.partial(vgg_cpm.body_network, 28, 16, stages=4),
    "body_25b_compact": compact_cpm.body_25b,
    "face": functools.partial(vgg_cpm.crop_network, 71),
    "hand": functools.partial(vgg_cpm.crop_network, 22),
}
