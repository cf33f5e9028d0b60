"""Variables of tf-pose's networks, named as in TensorFlow, as layers.

Checkpoints and NumPy files hold variables alone; `graphdef` reads the same layers out of graphs.
"""

from collections.abc import Mapping

import numpy as np

from openpose_py.errors import ModelFileError

AXES = {"weights": (3, 2, 0, 1), "depthwise_weights": (2, 3, 0, 1)}  # out or channel first
EPSILON = 1e-3  # of all norms; TensorFlow-slim's default
OF_THE_PICTURE = "MobilenetV2/"  # this backbone's norms run with the statistics of the picture
GET_AGAIN = "the file is damaged or is no network of tf-pose: get it again"


def layers_of_variables(
    variables: Mapping[str, np.ndarray], where: str
) -> dict[str, list[np.ndarray]]:
    """Layer name -> [weight] or [weight, bias], float32, finite; as `read_graph_layers` gives them.

    variables: `<layer>/weights` (kernel height, kernel width, in, out), `<layer>/depthwise_weights`
    (kernel height, kernel width, channels, 1), `<layer>/biases`, and `<layer>/BatchNorm/` beta,
    moving_mean, moving_variance, perhaps gamma. Others are left out: a training's own.
    """
    layers: dict[str, list[np.ndarray]] = {}
    with np.errstate(all="ignore"):
        for name, stored in variables.items():
            layer, _, kind = name.rpartition("/")
            if kind not in AXES:
                continue
            if stored.ndim != 4 or not stored.size or layer in layers:
                raise ModelFileError(f"{name!r} is no weight", where=where, hint=GET_AGAIN)
            weight = np.array(stored.transpose(AXES[kind]), np.float32, order="C")
            layers |= _with_what_follows(layer, weight, variables, where)
    if not layers:
        raise ModelFileError("holds no convolution with weights", where=where, hint=GET_AGAIN)
    for layer, blobs in layers.items():
        if not all(np.isfinite(blob).all() for blob in blobs):
            raise ModelFileError(f"{layer!r} has values that are not finite", where=where)
    return layers


def _with_what_follows(
    layer: str, weight: np.ndarray, variables: Mapping[str, np.ndarray], where: str
) -> dict[str, list[np.ndarray]]:
    """The layer with its bias or the folded norm behind it; or with a norm of its own."""

    def vector(name: str) -> np.ndarray:
        found = variables.get(f"{layer}/{name}")
        if found is None or found.shape != weight.shape[:1]:
            what = f"layer {layer!r} has no {len(weight)} numbers as {name}"
            raise ModelFileError(what, where=where, hint=GET_AGAIN)
        return np.array(found, np.float32)

    if f"{layer}/biases" in variables:
        return {layer: [weight, vector("biases")]}
    norm = "BatchNorm"
    if f"{layer}/{norm}/beta" not in variables:
        return {layer: [weight]}
    has_gamma = f"{layer}/{norm}/gamma" in variables
    gamma = vector(f"{norm}/gamma") if has_gamma else np.ones(len(weight), np.float32)
    beta = vector(f"{norm}/beta")
    if layer.startswith(OF_THE_PICTURE):
        return {layer: [weight], f"{layer}/{norm}": [gamma, beta]}
    mean, variance = (vector(f"{norm}/moving_{one}") for one in ("mean", "variance"))
    scale = (gamma / np.sqrt(variance.astype(np.float64) + EPSILON)).astype(np.float32)
    weight *= scale[:, None, None, None]
    return {layer: [weight, beta - mean * scale]}
