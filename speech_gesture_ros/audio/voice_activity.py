"""Voice activity: Silero VAD in a stream, sampled at the pose rate, followed by the speech gate.

Silero VAD takes blocks of 512 samples; pose frames are 640 samples apart. Frame k has the probability of the block that
its time falls into, so it waits for the end of that block, 32 ms at most::

    blocks   |  0  |  1  |  2  |  3  |  4  |  5  |  6  |      512 samples each
    frames   0      1      2       3      4      5            frame k at sample 640 k

The network is recurrent: its output for a block depends on all blocks before, not on the chunks they came in.

The model file is that of the package silero-vad (MIT). Only the package's folder is used: importing it would import
torch. ONNX Runtime runs the network in the calling thread in less than 0.1 ms a block; input and output arrays are
bound once, because passing new ones takes as long as a layer of the network.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.audio.speech_gate import SpeechGate, SpeechGateConfig
from speech_gesture_ros.core.chunks import ActivityChunk, AudioChunk
from speech_gesture_ros.core.errors import MissingDependencyError
from speech_gesture_ros.core.rates import SAMPLE_RATE, SAMPLES_PER_POSE

Samples = npt.NDArray[np.float32]

BLOCK_SAMPLES = 512  # input of the network at 16 kHz
CONTEXT_SAMPLES = 64  # of the block before, prepended to it
# The same network, bit for bit: with fixed shapes, at 16 kHz only, and for 8 kHz too.
_MODEL_FILES = ("silero_vad_openvino_16k.onnx", "silero_vad_16k_op15.onnx", "silero_vad.onnx")
_INSTALL = "Run: pip install onnxruntime && pip install --no-deps silero-vad"


def _zeros(*shape: int) -> Samples:
    return np.zeros(shape, dtype=np.float32)


@dataclass
class _State:
    pending: Samples = field(default_factory=lambda: _zeros(0))  # less than a block
    received: int = 0  # samples
    blocks: int = 0
    frames: int = 0


class VoiceActivityStage:
    """AudioChunk (N,) at 16 kHz to ActivityChunk (T,) at 25 Hz.

    Values are 0 or 1 from `SpeechGate`, or the probability if there is no gate. N samples give a frame for each
    multiple of 640 below N.

    Args:
        gate: Settings of the gate; None for probabilities.

    Raises:
        MissingDependencyError: If ONNX Runtime or the model file is not installed.
    """

    def __init__(self, gate: SpeechGateConfig | None = SpeechGateConfig()) -> None:  # noqa: B008 (frozen)
        self._network = _Network()
        self._gate = None if gate is None else SpeechGate(gate)
        self.reset()

    @property
    def latency_s(self) -> float:
        """A frame waits for the end of its block, 32 ms at most [s]."""
        return BLOCK_SAMPLES / SAMPLE_RATE

    def state_speech(self, is_speech: bool | None) -> None:
        """State whether someone speaks, from the next frame on; None: the sound decides. It stays at a reset."""
        if self._gate is not None:
            self._gate.stated = is_speech

    def reset(self) -> None:
        """Return to the state of a new stage; what was stated stays."""
        self._state = _State()
        self._network.reset()
        if self._gate is not None:
            self._gate.reset()

    def push(self, chunk: AudioChunk) -> ActivityChunk:
        """Feed consecutive samples; non-finite ones count as 0, those beyond ±1 as ±1."""
        state = self._state
        clean = _repaired(chunk.values).astype(np.float32, copy=False)
        state.received += len(clean)
        return self._process(np.concatenate([state.pending, clean]))

    def flush(self) -> ActivityChunk:
        """Return the frames before the end of the input, as if silence followed."""
        state = self._state
        if state.frames * SAMPLES_PER_POSE >= state.received:
            return ActivityChunk(state.frames, _zeros(0))
        return self._process(np.concatenate([state.pending, _zeros(BLOCK_SAMPLES - len(state.pending))]))

    def _process(self, samples: Samples) -> ActivityChunk:
        state = self._state
        start, values = state.frames, []
        for begin in range(0, len(samples) - BLOCK_SAMPLES + 1, BLOCK_SAMPLES):
            probability = self._network.probability(samples[begin:begin + BLOCK_SAMPLES])
            state.blocks += 1
            while state.frames * SAMPLES_PER_POSE < state.blocks * BLOCK_SAMPLES:
                values.append(probability)
                state.frames += 1
        state.pending = samples[len(samples) - len(samples) % BLOCK_SAMPLES:]
        activity = ActivityChunk(start, np.array(values, dtype=np.float32))
        return activity if self._gate is None else self._gate.push(activity)


class _Network:
    """Silero VAD with its recurrent state."""

    def __init__(self) -> None:
        self._session = _load_session()
        self._input, self._memory = _zeros(1, CONTEXT_SAMPLES + BLOCK_SAMPLES), _zeros(2, 1, 128)
        self._probability, self._next_memory = _zeros(1, 1), _zeros(2, 1, 128)
        self._binding = self._session.io_binding()
        self._rate = np.array(SAMPLE_RATE, dtype=np.int64)
        inputs: dict[str, npt.NDArray[Any]] = {"input": self._input, "state": self._memory, "sr": self._rate}
        for tensor in self._session.get_inputs():
            array = inputs[tensor.name]  # the model with fixed shapes has no input "sr"
            self._binding.bind_input(tensor.name, "cpu", 0, array.dtype, array.shape, array.ctypes.data)
        for tensor, array in zip(self._session.get_outputs(), (self._probability, self._next_memory)):
            self._binding.bind_output(tensor.name, "cpu", 0, array.dtype, array.shape, array.ctypes.data)

    def reset(self) -> None:
        self._input[:] = 0.0
        self._memory[:] = 0.0

    def probability(self, block: Samples) -> float:
        """Probability of speech in the next (BLOCK_SAMPLES,) samples."""
        samples = self._input[0]
        samples[:CONTEXT_SAMPLES] = samples[BLOCK_SAMPLES:]
        samples[CONTEXT_SAMPLES:] = block
        self._session.run_with_iobinding(self._binding)
        self._memory[:] = self._next_memory
        return float(self._probability[0, 0])


def _repaired(samples: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    if np.abs(samples).max(initial=0.0) <= 1.0:  # false if any sample is NaN
        return samples
    return np.asarray(np.clip(np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0), -1.0, 1.0))


def _load_session() -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingDependencyError("onnxruntime", "Voice activity detection", _INSTALL) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(find_model()), options, providers=["CPUExecutionProvider"])


def find_model() -> Path:
    """Find the model file.

    Raises:
        MissingDependencyError: If the package silero-vad, or the file in it, is missing.
    """
    spec = importlib.util.find_spec("silero_vad")  # finds the folder without importing
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for name in _MODEL_FILES:
            path = Path(folder) / "data" / name
            if path.is_file():
                return path
    raise MissingDependencyError("silero-vad", "Voice activity detection", _INSTALL)
