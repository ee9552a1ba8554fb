"""The network, compared with the layers of torch and with a loop written from the equations."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest
import torch

from speech_gesture_ros.networks.kucherenko.bundle import KucherenkoBundle
from speech_gesture_ros.networks.kucherenko.numpy_network import KucherenkoNetwork

Make = Callable[..., KucherenkoBundle]


def run(bundle: KucherenkoBundle, windows: np.ndarray) -> np.ndarray:
    """(B, W, F) to (B, J, 3) [cm]."""
    network = KucherenkoNetwork(bundle)
    gates = np.stack([network.embed(window) for window in windows], axis=1)
    return network.decode(network.encode(gates))


def normal(bundle: KucherenkoBundle, name: str, x: np.ndarray) -> np.ndarray:
    weight, bias, mean, var = (np.asarray(bundle.weights[f"{name}.{part}"], np.float64)
                               for part in ("weight", "bias", "running_mean", "running_var"))
    return np.maximum((x - mean) / np.sqrt(var + bundle.config.norm_epsilon) * weight + bias, 0.0)


def pose_by_hand(bundle: KucherenkoBundle, window: np.ndarray) -> np.ndarray:
    """One window after the equations, one step at a time: (W, F) to (J, 3) [cm]."""
    w = {name: np.asarray(value, np.float64) for name, value in bundle.weights.items()}
    size = bundle.config.hidden
    input_gates, hidden_gates = np.split(w["gru.weight_ih"], 3), np.split(w["gru.weight_hh"], 3)  # r, z, n
    input_bias, hidden_bias = np.split(w["gru.bias_ih"], 3), np.split(w["gru.bias_hh"], 3)
    hidden = np.zeros(size)
    for frame in window.astype(np.float64):
        x = frame
        for i in range(len(bundle.config.dense)):
            x = normal(bundle, f"norm.{i}", w[f"dense.{i}.weight"] @ x + w[f"dense.{i}.bias"])
        given = [matrix @ x + bias for matrix, bias in zip(input_gates, input_bias)]
        held = [matrix @ hidden + bias for matrix, bias in zip(hidden_gates, hidden_bias)]
        if bundle.config.gru == "keras2":
            r, z = (np.clip(0.2 * (given[i] + held[i]) + 0.5, 0, 1) for i in (0, 1))
            new = np.tanh(given[2] + hidden_gates[2] @ (r * hidden) + hidden_bias[2])
        else:
            r, z = (1 / (1 + np.exp(-(given[i] + held[i]))) for i in (0, 1))
            new = np.tanh(given[2] + r * held[2])
        hidden = z * hidden + (1 - z) * new
    out = w["out.weight"] @ normal(bundle, "gru_norm", hidden) + w["out.bias"]
    if bundle.config.representation:
        out = np.tanh(w["decoder.weight"] @ out + w["decoder.bias"])
    pose = out * bundle.pose_scale + bundle.pose_mean
    return pose.reshape(-1, bundle.config.values_per_joint)[:, :3]


@pytest.mark.parametrize("gru", ["torch", "keras2"])
@pytest.mark.parametrize("parts", [{}, {"representation": 0}, {"output": "published", "values_per_joint": 3}])
def test_poses_are_those_of_the_equations(make_bundle: Make, gru: str, parts: dict[str, object]) -> None:
    bundle = make_bundle(gru=gru, **parts)
    windows = np.random.default_rng(0).normal(size=(5, bundle.config.window, 4)).astype(np.float32)
    expected = np.stack([pose_by_hand(bundle, window) for window in windows])
    np.testing.assert_allclose(run(bundle, windows), expected, atol=2e-4, rtol=0)  # [cm]


def test_the_torch_variant_equals_torch(make_bundle: Make) -> None:
    bundle = make_bundle()
    config = bundle.config
    widths = (len(config.columns), *config.dense)
    dense = [torch.nn.Linear(a, b) for a, b in itertools.pairwise(widths)]
    norms = [torch.nn.BatchNorm1d(width, eps=config.norm_epsilon) for width in (*config.dense, config.hidden)]
    gru = torch.nn.GRU(config.dense[-1], config.hidden, batch_first=True)
    out, decoder = torch.nn.Linear(config.hidden, config.representation), torch.nn.Linear(5, len(bundle.pose_mean))
    tensors = {name: torch.from_numpy(np.asarray(value)) for name, value in bundle.weights.items()}
    for name, layer in (*((f"dense.{i}", layer) for i, layer in enumerate(dense)), ("out", out), ("decoder", decoder),
                        ("norm.0", norms[0]), ("norm.1", norms[1]), ("gru_norm", norms[2])):
        layer.load_state_dict({key.removeprefix(f"{name}."): value for key, value in tensors.items()
                               if key.startswith(f"{name}.")}, strict=False)
        layer.eval()
    gru.load_state_dict({f"{key.removeprefix('gru.')}_l0": value for key, value in tensors.items()
                         if key.startswith("gru.")})
    windows = torch.randn(6, config.window, 4, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        x = windows.flatten(0, 1)
        for layer, norm in zip(dense, norms):
            x = torch.relu(norm(layer(x)))
        last = gru(x.unflatten(0, (6, config.window)))[1][0]
        pose = torch.tanh(decoder(out(torch.relu(norms[2](last))))).numpy() * bundle.pose_scale + bundle.pose_mean
    expected = pose.reshape(6, -1, 6)[:, :, :3]
    np.testing.assert_allclose(run(bundle, windows.numpy()), expected, atol=2e-4, rtol=0)
