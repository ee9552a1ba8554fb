"""Recorded faces: speech with the blendshapes of the speaker's mouth, one CSV with ARKit names for each sound.

    DATA/face/facegood/wav/NAME.flac, arkit/NAME.csv      FACEGOOD Audio2Face (MIT), one speaker, 30 frames/s

Only channels of the mouth are valid. jawOpen of this speaker is about half of what `face.phones` uses; `RECORDED_JAW`
makes them alike. Rounding is drawn with mouthPucker in the words (1114_2_*), mouthFunnel in running speech (1114_3_*).
mouthClose is 0 throughout: closed lips show as a closed jaw with pressed or rolled lips.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.audio.files import load_mono_16k
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.face_channels import BLENDSHAPE_INDEX, BLENDSHAPES
from speech_gesture_ros.core.rates import FACE_RATE
from speech_gesture_ros.face.arkit_map import lip_gap

FOLDER = Path("face/facegood")
RECORDED_JAW, RECORDED_ROUNDING = 1.9, 1.6  # factors to the scale of `face.phones`
_NEEDED = ("time", "jawOpen", "mouthPucker", "mouthFunnel", "mouthRollLower", "mouthRollUpper", "mouthPressLeft",
           "mouthPressRight")

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RecordedFace:
    """Speech and what the mouth did, T frames at `FACE_RATE`.

    Attributes:
        samples: (N,) mono at 16 kHz.
        jaw: (T,) jawOpen, as recorded.
        rounding: (T,) the larger of mouthPucker and mouthFunnel, as recorded.
        pressed: (T,) mean of rolled and pressed lips, as recorded.
        gap: (T,) distance of the lips of the recorded blendshapes, see `arkit_map.lip_gap`.
    """

    samples: npt.NDArray[np.float32]
    jaw: Array
    rounding: Array
    pressed: Array
    gap: Array


def load_recorded_face(data: Path, name: str) -> RecordedFace:
    """Read a recorded face of the data folder.

    Raises:
        InputError: If a file is missing or has other columns.
    """
    table = data / FOLDER / "arkit" / f"{name}.csv"
    if not table.is_file():
        raise InputError("recorded face", str(table), "an existing file", "Set SPEECH_GESTURE_DATA to the data folder.")
    values: Any = np.genfromtxt(table, delimiter=",", names=True, dtype=np.float64)
    names = values.dtype.names or ()
    missing = [column for column in _NEEDED if column not in names]
    if missing or not np.isfinite(values["time"]).all():
        raise InputError(f"columns of {table}", list(names)[:8], f"with {', '.join(_NEEDED)}", "Export it again.")
    samples = load_mono_16k(data / FOLDER / "wav" / f"{name}.flac")
    t = np.arange(len(samples) * FACE_RATE // 16_000) / FACE_RATE
    of = {column: np.interp(t, values["time"], values[column]) for column in _NEEDED[1:]}
    pressed = 0.25 * (of["mouthRollLower"] + of["mouthRollUpper"] + of["mouthPressLeft"] + of["mouthPressRight"])
    shapes = np.zeros((len(t), len(BLENDSHAPES)))
    for column in names:
        if column in BLENDSHAPE_INDEX:
            shapes[:, BLENDSHAPE_INDEX[column]] = np.interp(t, values["time"], values[column])
    return RecordedFace(samples, of["jawOpen"], np.maximum(of["mouthPucker"], of["mouthFunnel"]), pressed,
                        lip_gap(shapes))
