"""All networks by the name that model cards use."""

import functools
from collections.abc import Callable

from torch import nn

from openpose_py.networks import (
    compact_cpm,
    dense_cpm,
    lightweight_cpm,
    tfpose_dsconv,
    tfpose_mobilenet,
    vgg_cpm,
)

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
    "tfpose_mobilenet": functools.partial(tfpose_mobilenet.mobilenet_v1, 0.75, 1.0),
    "tfpose_mobilenet_narrow": functools.partial(tfpose_mobilenet.mobilenet_v1, 0.75, 0.5),
    "tfpose_mobilenet_fast": functools.partial(tfpose_mobilenet.mobilenet_v1, 0.5, 0.5),
    "tfpose_mobilenet_accurate": functools.partial(tfpose_mobilenet.mobilenet_v1, 1.0, 1.0),
    "tfpose_mobilenet_thin": tfpose_mobilenet.mobilenet_thin,
    "tfpose_mobilenet_v2_small": functools.partial(tfpose_mobilenet.mobilenet_v2, 0.5, 0.5),
    "tfpose_mobilenet_v2_large": functools.partial(tfpose_mobilenet.mobilenet_v2, 1.4, 1.0),
    "tfpose_dsconv": tfpose_dsconv.Dsconv,
    "lightweight_openpose": lightweight_cpm.Lightweight,
    "lightweight_openpose_2": functools.partial(lightweight_cpm.Lightweight, 2),
    "lightweight_openpose_3": functools.partial(lightweight_cpm.Lightweight, 3),
    "lightweight_openpose_4": functools.partial(lightweight_cpm.Lightweight, 4),
    "lightweight_openpose_5": functools.partial(lightweight_cpm.Lightweight, 5),
    "human_pose_estimation_0001": lightweight_cpm.HumanPose0001,
}
