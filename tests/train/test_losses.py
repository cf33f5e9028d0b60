import numpy as np
import pytest
import torch

from openpose_py.train.losses import EmptyCells, stage_losses
from openpose_py.train.stages import AllStages, Output, build
from openpose_py.zoo.skeletons import read_skeleton

CPU = torch.device("cpu")


def test_a_loss_is_half_the_weighted_squared_sum_a_picture() -> None:
    targets, weights = torch.zeros(2, 3, 4, 4), torch.ones(2, 3, 4, 4)
    weights[:, 1] = 0.25
    maps = torch.full((2, 3, 4, 4), 2.0)
    (loss,) = stage_losses([Output(0, maps)], targets, weights)
    assert loss == pytest.approx((16 + 16 + 4) * 4 / 2)


def test_a_stage_answers_for_its_own_channels() -> None:
    targets, weights = torch.zeros(1, 5, 2, 2), torch.ones(1, 5, 2, 2)
    targets[:, 3:] = 1
    stages = [Output(3, torch.ones(1, 2, 2, 2)), Output(0, torch.ones(1, 3, 2, 2))]
    assert stage_losses(stages, targets, weights).tolist() == [0, 6]


def test_masked_cells_give_no_gradient() -> None:
    maps = torch.ones(1, 2, 2, 2, requires_grad=True)
    weights = torch.tensor([1.0, 0.0]).view(1, 2, 1, 1).expand(1, 2, 2, 2)
    stage_losses([Output(0, maps)], torch.zeros(1, 2, 2, 2), weights).sum().backward()
    assert maps.grad is not None
    assert maps.grad[0, 0].all()
    assert not maps.grad[0, 1].any()


def test_empty_cells_weigh_less_but_not_those_of_the_background_or_of_a_level_limb() -> None:
    skeleton = read_skeleton("BODY_25")
    targets = torch.zeros(1, skeleton.channels, 1, 2)
    targets[0, 3, 0, 0] = 0.5
    x, y = skeleton.paf_channels[4]
    targets[0, x, 0, 0] = 1  # a level limb: its y is 0 and not empty
    weights = torch.ones_like(targets)
    weighed = EmptyCells(skeleton, CPU).weighed(targets, weights, 0.25)[0, :, 0]
    assert weighed[3].tolist() == [1, 0.25]
    assert weighed[x].tolist() == weighed[y].tolist() == [1, 0.25]
    assert weighed[25].tolist() == [1, 1]
    assert weighed[4].tolist() == [0.25, 0.25]


@pytest.mark.parametrize(
    ("name", "firsts"),
    [
        ("body_25", [26] * 4 + [0] * 2),
        ("body_25b_option2", [25] * 5 + [0]),
        ("body_25b_tiny", [0] * 3),
    ],
)
def test_the_last_stages_together_are_the_networks_output(name: str, firsts: list[int]) -> None:
    torch.manual_seed(0)
    network = build(name).eval()
    x = torch.rand(1, 3, 32, 48) - 0.5
    with torch.inference_mode():
        outputs, wanted = AllStages(network)(x), network(x).numpy()
    assert [output.first for output in outputs] == firsts
    joined = np.zeros_like(wanted)
    for first, maps in outputs:
        joined[:, first : first + maps.shape[1]] = maps.numpy()
    assert np.abs(joined - wanted).max() < 1e-6
