"""Leave one voice out: train without each voice of flite in turn, and measure the voice that it was not trained on."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, replace
from pathlib import Path

import numpy as np

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.datasets.speech_recordings import data_folder
from speech_gesture_ros.datasets.timed_speech.timed_speech import TimedSpeech, Voice
from speech_gesture_ros.evaluation.face.measures import SpeechMeasures, mean_measures, measure_speech
from speech_gesture_ros.evaluation.face.predictors import Predictor, model_predictor
from speech_gesture_ros.evaluation.face.report import test_speech
from speech_gesture_ros.networks.face.bundle import save_face_bundle
from speech_gesture_ros.training.face.run_config import FaceRunConfig, load_face_config
from speech_gesture_ros.training.face.tracks import FaceTrack, prepare_face_tracks
from speech_gesture_ros.training.face.train import train_network

LOOK_AHEAD_S = 0.04

Train = Callable[[FaceRunConfig, list[FaceTrack], Path], Predictor]
Speak = Callable[[Voice, int], Sequence[TimedSpeech]]


def leave_voices_out(config_path: Path, voices: Sequence[str], steps: int, texts: int, cache: Path
                     ) -> dict[str, SpeechMeasures]:
    """Train so many steps without each voice, on synthesised speech and recorded faces alone, and measure it.

    Args:
        config_path: Configuration of the training.
        voices: Voices of flite in it.
        steps: Of each training.
        texts: Texts of each voice.
        cache: Folder of cached tracks.

    Returns:
        Voice to its measures.

    Raises:
        InputError: If a voice is none of the training's.
    """
    config = load_face_config(config_path)
    unknown = sorted(set(voices) - set(config.speech.flite_voices))
    if unknown:
        raise InputError("voices to leave out", ", ".join(unknown), f"of {', '.join(config.speech.flite_voices)}",
                         f"Name voices that {config_path} trains on.")
    tracks = prepare_face_tracks(data_folder(), cache, config.speech, config.seed, workers=config.workers)
    return measure_left_out(replace(config, steps=steps), tracks, voices, texts)


def measure_left_out(config: FaceRunConfig, tracks: Sequence[FaceTrack], voices: Sequence[str], texts: int,
                     train: Train | None = None, speak: Speak = test_speech) -> dict[str, SpeechMeasures]:
    """Train on the tracks of all but one voice, and measure it; for each voice."""
    out = {}
    for name in voices:
        voice = Voice("flite", name)
        rest = [track for track in tracks if track.speaker != voice.full_name]
        with tempfile.TemporaryDirectory() as folder:
            predict = (train or _trained)(config, rest, Path(folder) / f"without_{name}")
            out[name] = mean_measures([measure_speech(predict(s.samples), s.phones) for s in speak(voice, texts)])
    return out


def left_out_table(measures: Mapping[str, SpeechMeasures]) -> str:
    """Return a table in Markdown: a row for each voice, then mean and standard deviation over the voices."""
    lines = ["| voice left out | visemes % | without pauses % | closures found % | false closures % | f, v found % | "
             "jaw r | rounding r |", "|---|---:|---:|---:|---:|---:|---:|---:|"]
    rows = {name: np.array(astuple(m)) for name, m in measures.items()}
    for name, row in rows.items():
        shares = " | ".join(f"{100 * share:.0f}" for share in row[:5])
        lines.append(f"| flite {name} | {shares} | {row[5]:.2f} | {row[6]:.2f} |")
    table = np.stack(list(rows.values()))
    mean, deviation = table.mean(axis=0), table.std(axis=0)
    cells = [*(f"{100 * m:.0f} ± {100 * d:.0f}" for m, d in zip(mean[:5], deviation[:5])),
             *(f"{m:.2f} ± {d:.2f}" for m, d in zip(mean[5:], deviation[5:]))]
    return "\n".join([*lines, f"| mean ± deviation | {' | '.join(cells)} |"]) + "\n"


def _trained(config: FaceRunConfig, tracks: list[FaceTrack], out: Path) -> Predictor:
    bundle, _ = train_network(config, tracks, out)
    save_face_bundle(bundle, out)
    return model_predictor(out, LOOK_AHEAD_S)
