"""Training of the default model, from recordings to bundle: prepare, train both networks, measure, write the card.

recordings ─► CueTrack ─► CueEncoder (SpeechE)
           └► accents ─► composed motion: states of the strokes ─► StrokeDecoder (MotionD)
"""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from speech_gesture_ros.audio.files import load_mono_16k
from speech_gesture_ros.core.controls import MAX_SCALE, GestureControls
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.core.yaml_config import from_mapping
from speech_gesture_ros.datasets.speech_recordings import (
    SpeechRecording,
    data_folder,
    list_recordings,
    surround_with_silence,
)
from speech_gesture_ros.evaluation.acceptance.measure import measure_acceptance
from speech_gesture_ros.features.prosodic_mel import FEATURE_NAMES
from speech_gesture_ros.networks.strokes.bundle import StrokeBundle, save_stroke_bundle
from speech_gesture_ros.networks.strokes.channels import NUM_CHANNELS
from speech_gesture_ros.networks.strokes.network_config import StrokeNetworkConfig
from speech_gesture_ros.networks.strokes.numpy_network import NumpyStrokeDecoder
from speech_gesture_ros.networks.strokes.torch_network import CueEncoder, StrokeDecoder
from speech_gesture_ros.training.engine.fit import training_folder
from speech_gesture_ros.training.engine.processes import main_process_first, process_group
from speech_gesture_ros.training.speech_to_motion.new_network import silence_features
from speech_gesture_ros.training.strokes.batches import CueSampler, StateSampler
from speech_gesture_ros.training.strokes.body_pose import pose_body
from speech_gesture_ros.training.strokes.composer import compose_speech
from speech_gesture_ros.training.strokes.cue_report import accent_threshold, measure_cues
from speech_gesture_ros.training.strokes.gestures import GESTURES
from speech_gesture_ros.training.strokes.learners import train_decoder, train_encoder
from speech_gesture_ros.training.strokes.model_card import StrokeFacts, write_stroke_card
from speech_gesture_ros.training.strokes.run_config import StrokeRunConfig, load_stroke_config
from speech_gesture_ros.training.strokes.tracks import CueTrack, prepare_cue_tracks

_log = logging.getLogger(__name__)

HELD_OUT_NON_SPEECH = 4  # every fourth track without speech is kept for the report
ERROR_STEP = 7  # every so many states are used to measure the decoder
MIN_FEATURE_STD, MIN_STATE_STD = 0.05, 1e-3


def train(config_path: Path, out: Path, *, data: Path | None = None, resume: bool = False,
          cache: Path = Path("runs/cache")) -> Path:
    """Make the default bundle; see `training.train`. `data` is the data folder, None for `data_folder()`.

    Raises:
        ConfigError: If the configuration cannot be used.
        InputError: If the data folder has no recorded speech.
    """
    config = load_stroke_config(config_path)
    torch.manual_seed(config.seed)
    data = data or data_folder()
    recordings = list_recordings(data)
    held_out = config.speech.held_out_speakers
    unknown = set(held_out) - {r.speaker for r in recordings}
    if unknown:
        raise ConfigError("held_out_speakers", sorted(unknown), "speakers of the corpus", "Correct the names.")
    network = from_mapping(StrokeNetworkConfig, {"num_features": len(FEATURE_NAMES), **config.network}, "network")
    began = time.monotonic()
    with process_group() as process:
        with main_process_first():
            tracks = prepare_cue_tracks(data, cache, config.speech, config.seed, workers=config.workers)
        training, reported = split_tracks(tracks, held_out)
        mean, std = feature_statistics(training)
        states = composed_states([r for r in recordings if r.speaker not in held_out], config)
        prepared_s = time.monotonic() - began
        state_mean, state_std = states.mean(axis=0), np.maximum(states.std(axis=0), MIN_STATE_STD)
        encoder = CueEncoder(network, torch.from_numpy(mean), torch.from_numpy(std))
        decoder = StrokeDecoder(network, load_skeleton(), torch.from_numpy(state_mean), torch.from_numpy(state_std))
        encoded, encoding = train_encoder(encoder, CueSampler(training, config.seed), config, out, resume=resume)
        posed, decoding = train_decoder(decoder, StateSampler(states, load_skeleton(), config.seed), config,
                                        training_folder(out) / "decoder", resume=resume)
    if not process.is_main:
        return out
    weights = {f"speech_encoder.{name}": value for name, value in encoded.items()}
    weights |= {f"motion_decoder.{name}": value for name, value in posed.items()}
    bundle = StrokeBundle(config.name, network, config.laws, GESTURES, 0.5, load_skeleton(), FEATURE_NAMES,
                          mean, std, silence_features(), state_mean, state_std, weights, held_out)
    bundle = replace(bundle, accent_threshold=accent_threshold(bundle, training))
    save_stroke_bundle(bundle, out)
    facts = StrokeFacts(prepared_s, encoding.seconds, decoding.seconds, sum(w.numel() for w in weights.values()),
                        decoder_error(bundle, states[::ERROR_STEP]))
    acceptance = measure_acceptance(out, data)
    command = f"speech-gesture train {config_path.stem}"
    card = write_stroke_card(config, recordings, measure_cues(bundle, reported), facts, command, acceptance)
    save_stroke_bundle(replace(bundle, card=card), out)
    _log.info("bundle written to %s", out)
    return out


def split_tracks(tracks: list[CueTrack], held_out: tuple[str, ...]
                 ) -> tuple[list[CueTrack], list[CueTrack]]:
    """Return the tracks to train on, and those of the report: held-out speakers, and some tracks without speech."""
    training: list[CueTrack] = []
    reported: list[CueTrack] = []
    silent = 0
    for track in tracks:
        silent += not track.speaker
        kept = silent % HELD_OUT_NON_SPEECH == 1 if not track.speaker else track.speaker in held_out
        (reported if kept else training).append(track)
    return training, reported


def feature_statistics(tracks: list[CueTrack]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return mean and standard deviation (F,) of the features of the tracks with speech, all versions."""
    spoken = [t.features for t in tracks if t.speaker] or [t.features for t in tracks]
    count = sum(f.shape[0] * f.shape[1] for f in spoken)
    mean = sum(f.sum(axis=(0, 1), dtype=np.float64) for f in spoken) / count
    square = sum(np.square(f, dtype=np.float32).sum(axis=(0, 1), dtype=np.float64) for f in spoken) / count
    std = np.maximum(np.sqrt(np.maximum(square - mean**2, 0.0)), MIN_FEATURE_STD)
    return np.asarray(mean, dtype=np.float32), np.asarray(std, dtype=np.float32)


def composed_states(recordings: list[SpeechRecording], config: StrokeRunConfig) -> npt.NDArray[np.float32]:
    """Return (N, STATE_SIZE) states and velocities of motion composed for recordings in turn, of any activity."""
    rng = np.random.default_rng(config.seed)
    parts: list[npt.NDArray[np.float32]] = []
    left = config.composed_minutes * 60.0
    while left > 0.0:
        recording = recordings[int(rng.integers(len(recordings)))]
        sound = surround_with_silence(load_mono_16k(recording.path))
        controls = GestureControls(activity=float(rng.uniform(0.2, MAX_SCALE)))
        strokes = compose_speech(sound, seed=int(rng.integers(2**62)), laws=config.laws, controls=controls).strokes
        parts.append(np.concatenate([strokes.state, strokes.velocity], axis=1))
        left -= recording.seconds
    return np.concatenate(parts)


def decoder_error(bundle: StrokeBundle, states: npt.NDArray[np.float32]) -> float:
    """Return the mean distance of the decoded joints from the exact pose of (N, STATE_SIZE) states [m]."""
    decoder = NumpyStrokeDecoder(bundle.skeleton, bundle.state_mean, bundle.state_std, bundle.weights)
    exact = pose_body(bundle.skeleton, states[:, :NUM_CHANNELS], states[:, NUM_CHANNELS:])
    return float(np.linalg.norm(decoder.decode(states) - exact, axis=-1).mean())
