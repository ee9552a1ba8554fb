"""Whole recordings through a bundle: any sound, any codes, the same motion as the node's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.audio.voice_activity import VoiceActivityStage
from speech_gesture_ros.core.chunks import AudioChunk, concatenate
from speech_gesture_ros.core.rates import FEATURES_PER_POSE, SAMPLES_PER_POSE
from speech_gesture_ros.evaluation.accents import Accents, detect_accents
from speech_gesture_ros.features.prosodic_mel import ProsodicMelStage, compute_prosodic_mel
from speech_gesture_ros.networks.speech_to_motion.bundle import SpeechToMotionBundle
from speech_gesture_ros.networks.speech_to_motion.code_sampler import CodeFrames, CodeProcess, CodeSampler
from speech_gesture_ros.networks.speech_to_motion.model_stage import SpeechToMotionStage
from speech_gesture_ros.networks.speech_to_motion.numpy_network import NumpyNetwork
from speech_gesture_ros.pose.performance_stage import PerformanceStage

Samples = npt.NDArray[np.float32]
Motion = npt.NDArray[np.float32]


@dataclass(frozen=True)
class ComposedReference:
    """Composed motion, which a model that was trained on it is compared with.

    Attributes:
        codes: Process that draws its gesture codes; that of the bundle must be equal.
        compose: Accents of a recording and T frames of codes to (T, J, 3) motion [m].
        mirror_variation: (T, V) variations to those of the mirror image.
    """

    codes: CodeProcess
    compose: Callable[[Accents, CodeFrames], Motion]
    mirror_variation: Callable[[npt.NDArray[np.floating]], npt.NDArray[np.float32]]


@dataclass(frozen=True)
class Trial:
    """One recording with the codes of its gestures.

    Attributes:
        samples: (N,) at 16 kHz, with silence around, N = 640 T.
        accents: Accents of the recording.
        codes: T frames.
    """

    samples: Samples
    accents: Accents
    codes: CodeFrames


class OfflineModel:
    """The network of a bundle in NumPy, run on whole recordings.

    Args:
        bundle: The model.
        look_ahead: [pose frames].
    """

    def __init__(self, bundle: SpeechToMotionBundle, look_ahead: int = 10) -> None:
        self.bundle, self.look_ahead = bundle, look_ahead
        self._network = NumpyNetwork(bundle.network, bundle.skeleton, bundle.feature_mean, bundle.feature_std,
                                     bundle.weights)

    def draw_codes(self, count: int, seed: int) -> CodeFrames:
        """Return the codes that a stream with this seed draws for its first frames."""
        return CodeSampler(self.bundle.codes, seed).take(count)

    def trial(self, samples: Samples, seed: int) -> Trial:
        """Return a recording (N,) cut to whole pose frames, its accents, and the codes of a seed."""
        whole = samples[:len(samples) // SAMPLES_PER_POSE * SAMPLES_PER_POSE]
        return Trial(whole, detect_accents(whole), self.draw_codes(len(whole) // SAMPLES_PER_POSE, seed))

    def generate(self, samples: Samples, codes: CodeFrames) -> Motion:
        """Return (T, J, 3) motion [m] of (640 T,) samples and T frames of codes; silence follows the end."""
        features = compute_prosodic_mel(samples)[:len(codes) * FEATURES_PER_POSE]
        silence = np.tile(self.bundle.silence, (self.look_ahead * FEATURES_PER_POSE, 1))
        frames = np.concatenate([features, silence]).astype(np.float32)
        frames = frames.reshape(-1, FEATURES_PER_POSE * frames.shape[1])
        return self._network.step(frames, codes, self._network.initial_state(), self.look_ahead)[0]


def generate_gated(bundle: SpeechToMotionBundle, samples: Samples, seed: int = 0, look_ahead_s: float = 0.4) -> Motion:
    """Return the motion that reaches the robot: behind voice activity, idle motion and blending."""
    features, voice = ProsodicMelStage(), VoiceActivityStage()
    model = SpeechToMotionStage(bundle, look_ahead_s, seed, "cpu")
    stage = PerformanceStage(bundle.skeleton, seed=seed)
    frames = concatenate([features.push(AudioChunk(0, samples)), features.flush()])
    poses = concatenate([model.push(frames), model.flush()])
    activity = concatenate([voice.push(AudioChunk(0, samples)), voice.flush()])
    return np.asarray(concatenate([stage.push(poses, activity), stage.flush()]).values)
