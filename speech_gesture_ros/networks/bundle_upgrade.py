"""Conversion of bundles of format 2 to format 3: settings and parameters of "speech_to_motion" got other names.

Values do not change: the converted model gives the same poses, bit for bit.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from speech_gesture_ros.networks.bundle_files import read_bundle, write_bundle

OLD_FORMAT = 2
SETTINGS = {
    "network": {"foresight": "look_ahead_channels", "foresight_past": "look_ahead_past",
                "plan_hidden": "conditioning_hidden"},
    "codes": {"postures": "slow_variations"},
}
PARAMETERS = {
    "speech_encoder.codes": "speech_encoder.code_embedding",
    "speech_encoder.events": "speech_encoder.event_head",
    "speech_encoder.foresight": "speech_encoder.look_ahead_kernel",
    "speech_encoder.look_aheads": "speech_encoder.look_ahead_embedding",
    "speech_encoder.out": "speech_encoder.output",
    "speech_encoder.outlook": "speech_encoder.look_ahead_projection",
    "speech_encoder.plan": "speech_encoder.conditioning",
    "speech_encoder.taps": "speech_encoder.look_ahead_taps",
}


def upgrade_bundle(folder: Path, out: Path | None = None) -> Path:
    """Convert a bundle.

    Args:
        folder: Bundle of format 2.
        out: Folder of the result; None replaces the bundle's files.

    Returns:
        Folder of the result.

    Raises:
        BundleError: If the bundle is damaged or of another format.
    """
    files = read_bundle(folder, format_version=OLD_FORMAT)
    manifest, tensors = files.manifest, files.tensors
    if files.architecture == "speech_to_motion":
        manifest = {key: _renamed(value, SETTINGS.get(key, {})) for key, value in manifest.items()}
        weights = {_parameter(name): value for name, value in tensors.get("weights", {}).items()}
        tensors = {**tensors, "weights": weights}
    target = out or folder
    write_bundle(target, files.architecture, manifest, tensors, files.skeleton, files.card)
    return target


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    return {names.get(key, key): item for key, item in value.items()} if names else value


def _parameter(name: str) -> str:
    encoder, _, rest = name.partition(".")
    layer, _, part = rest.partition(".")
    return f"{PARAMETERS.get(f'{encoder}.{layer}', f'{encoder}.{layer}')}.{part}"
