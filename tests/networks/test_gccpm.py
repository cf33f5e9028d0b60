import pytest
import torch

from openpose_py.networks.gccpm import Gccpm


@pytest.mark.parametrize("refinements", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("size", [(64, 64), (96, 72)])
def test_one_to_five_stages_refine_the_maps(refinements: int, size: tuple[int, int]) -> None:
    with torch.device("meta"):
        stages = Gccpm(refinements).stages(torch.zeros(1, 3, *size))
    shape = (1, 17, size[0] // 8, size[1] // 8)
    assert [stage.shape for stage in stages] == [shape] * (refinements + 1)


def test_the_way_maps_are_enlarged_matters() -> None:
    torch.manual_seed(6)
    smooth = Gccpm(1, "bilinear").eval().requires_grad_(False)
    blocky = Gccpm(1, "nearest").eval().requires_grad_(False)
    blocky.load_state_dict(smooth.state_dict())
    x = torch.randn(1, 3, 64, 64)
    one, other = smooth.stages(x), blocky.stages(x)
    assert torch.equal(one[0], other[0]) and not torch.equal(one[1], other[1])
