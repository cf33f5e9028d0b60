"""The optimizer of a recipe, with its rates and decays a layer, and the average of the weights."""

from collections import defaultdict

import torch
from torch import nn

from openpose_py.train.recipe import GroupRow, Recipe

ADAMS = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
MOMENTUM = 0.9  # of sgd; adam's is the same
NORMS = (nn.BatchNorm2d, nn.SyncBatchNorm)
FACTOR = "factor"  # of a group's rate, beside torch's own keys


def freeze(network: nn.Module, groups: tuple[GroupRow, ...]) -> None:
    """Turns the gradients of frozen layers off."""
    for name, layer in network.named_children():
        if _group(name, groups).frozen:
            layer.requires_grad_(False)


def train_mode(network: nn.Module, groups: tuple[GroupRow, ...], kept_norms: list[str]) -> None:
    """Training mode, but for the norms of frozen layers and those that must stay as they are."""
    network.train()
    for name, layer in network.named_children():
        if name in kept_norms or _group(name, groups).frozen:
            layer.eval()


def make_optimizer(network: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """Biases have their own rate and decay, as in Caffe; slopes of PReLU count as weights."""
    options, sorted_in = recipe.optimizer, defaultdict(list)
    for name, parameter in network.named_parameters():
        if parameter.requires_grad:
            layer = network.get_submodule(name.rpartition(".")[0])
            group, bias = _group(name, recipe.groups), name.endswith(".bias")
            rate = 1 if isinstance(layer, NORMS) and not group.norms else group.rate
            share = options.bias_decay if bias else options.plain_decay if _is_plain(layer) else 1
            factor = rate * (options.bias_rate if bias else 1)
            sorted_in[factor, options.weight_decay * share].append(parameter)
    groups = [
        {"params": parameters, "weight_decay": decay, FACTOR: rate}
        for (rate, decay), parameters in sorted_in.items()
    ]
    if options.kind == "sgd":
        return torch.optim.SGD(groups, lr=options.rate, momentum=MOMENTUM)
    return ADAMS[options.kind](groups, lr=options.rate, foreach=True)


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate * group[FACTOR]


class Average:
    """A slowly following copy of a network's weights and statistics."""

    def __init__(self, followed: nn.Module, follower: nn.Module) -> None:
        self._source = _numbers(followed)
        self._target = _numbers(follower)

    @torch.no_grad()
    def follow(self, keep: float) -> None:
        torch._foreach_mul_(self._target, keep)
        torch._foreach_add_(self._target, self._source, alpha=1 - keep)


def _group(name: str, groups: tuple[GroupRow, ...]) -> GroupRow:
    return next((group for group in groups if name.startswith(group.prefix)), GroupRow(""))


def _is_plain(layer: nn.Module) -> bool:
    """Norms, and convolutions of each channel by itself."""
    depthwise = isinstance(layer, nn.Conv2d) and layer.in_channels == layer.groups > 1
    return depthwise or isinstance(layer, NORMS)


def _numbers(network: nn.Module) -> list[torch.Tensor]:
    return [value for value in network.state_dict().values() if value.is_floating_point()]
