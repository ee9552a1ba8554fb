"""MediaPipe's models, read from its npm package and run by LiteRT on the CPU.

    npm pack @mediapipe/holistic@0.5.1675471629 && tar xzf mediapipe-holistic-*.tgz
    export SPEECH_GESTURE_MEDIAPIPE=$PWD/package

The package (Apache-2.0) is neither part of this one nor fetched by it. Its folder has the models of the body as files,
and the others in one file, whose places are listed in its loader.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.bounded_files import MIB, read_bounded
from speech_gesture_ros.core.errors import InputError, MissingDependencyError

FOLDER_VARIABLE = "SPEECH_GESTURE_MEDIAPIPE"
REMEDY = (f"Get it: npm pack @mediapipe/holistic@0.5.1675471629, unpack it, and set {FOLDER_VARIABLE} to its folder "
          "(docs/guides/video.md).")
PACKED, LOADER = "holistic_solution_packed_assets.data", "holistic_solution_packed_assets_loader.js"
MAX_MODEL_BYTES, MAX_LOADER_BYTES = 64 * MIB, MIB
_ENTRY = re.compile(rb'"filename": "[^"]*/([\w.]+)", "start": (\d{1,9}), "end": (\d{1,9})')

Floats = npt.NDArray[np.float32]


class Network:
    """One model.

    Args:
        name: File name of the model, such as "pose_landmark_full.tflite".

    Raises:
        MissingDependencyError: If ai-edge-litert is not installed.
        InputError: If the package's folder is not set, or the model is not in it.
    """

    def __init__(self, name: str) -> None:
        try:
            from ai_edge_litert.interpreter import Interpreter
        except ImportError as error:
            raise MissingDependencyError("ai-edge-litert", "Finding keypoints in pictures",
                                         "pip install 'speech_gesture_ros[landmarks]'") from error
        try:
            self._interpreter: Any = Interpreter(model_content=model_bytes(models_folder(), name), num_threads=1)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise InputError(f"model {name} of {models_folder()}", str(error).splitlines()[0],
                             "a TensorFlow Lite model", REMEDY) from error
        entry = self._interpreter.get_input_details()[0]
        self._input, self.size = entry["index"], int(entry["shape"][1])
        self._outputs = [(output["index"], int(np.prod(output["shape"])))
                         for output in self._interpreter.get_output_details()]

    def run(self, picture: Floats) -> list[Floats]:
        """Return the flat outputs, in the model's order, of a (size, size, 3) float32 picture."""
        self._interpreter.set_tensor(self._input, np.ascontiguousarray(picture[None], dtype=np.float32))
        self._interpreter.invoke()
        return [np.array(self._interpreter.get_tensor(index), dtype=np.float32).reshape(-1)
                for index, _ in self._outputs]


def models_folder() -> Path:
    """Return the folder of MediaPipe's package.

    Raises:
        InputError: If the variable is not set, or names no folder.
    """
    value = os.environ.get(FOLDER_VARIABLE, "")
    if not value or not Path(value).is_dir():
        raise InputError(f"folder of MediaPipe's models, ${FOLDER_VARIABLE}", value or None, "an existing folder",
                         REMEDY)
    return Path(value)


@lru_cache(maxsize=16)
def model_bytes(folder: Path, name: str) -> bytes:
    """Return a model: a file of the folder, or a part of its packed file.

    Raises:
        InputError: If it is neither, or too large.
    """
    if (folder / name).is_file():
        return read_bounded(folder / name, MAX_MODEL_BYTES, "model of MediaPipe")
    loader = read_bounded(folder / LOADER, MAX_LOADER_BYTES, "loader of MediaPipe's package")
    places = {match[1].decode(): (int(match[2]), int(match[3])) for match in _ENTRY.finditer(loader)}
    packed = read_bounded(folder / PACKED, MAX_MODEL_BYTES, "packed models of MediaPipe")
    start, stop = places.get(name, (0, 0))
    if not 0 <= start < stop <= len(packed):
        raise InputError(f"model {name} in {folder}", sorted(places), "one of its parts", REMEDY)
    return packed[start:stop]
