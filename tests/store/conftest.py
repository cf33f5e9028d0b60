"""Weights of a small real network, a server that misbehaves, and a cache folder of its own."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from drawn.broken_server import BrokenServer

from openpose_py.networks import NETWORKS

NETWORK = "tfpose_mobilenet_v2_small"


@pytest.fixture(scope="session")
def weights() -> bytes:
    """A .pth of 2 MB."""
    torch.manual_seed(1)
    file = io.BytesIO()
    torch.save(NETWORKS[NETWORK]().state_dict(), file)
    return file.getvalue()


@pytest.fixture
def server(weights, monkeypatch) -> Iterator[BrokenServer]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    running = BrokenServer({"weights.pth": weights})
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "openpose-py" / "models"
