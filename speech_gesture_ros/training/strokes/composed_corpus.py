"""Prepared corpus of recorded speech with composed motion, for experiments without paired data.

    speech/hours ─► pieces of at most a minute, one of each speaker in turn ─► silence around ─► compose ─► clips

Test speakers are not in the training split. The motion is composed, not recorded: a model that learns it shows that the
training works, and no more.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from speech_gesture_ros.audio.files import load_mono_16k
from speech_gesture_ros.core.atomic_files import atomic_write
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import SAMPLE_RATE, SAMPLES_PER_POSE
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.datasets.clips import SPLITS, Clip, clip_path, write_clip
from speech_gesture_ros.datasets.prepared import Corpus, finish_corpus
from speech_gesture_ros.datasets.speech_recordings import Samples, SpeechRecording, list_recordings
from speech_gesture_ros.datasets.splits import MIN_NAMES, draw, draw_splits
from speech_gesture_ros.networks import strokes as stroke_process
from speech_gesture_ros.training import strokes as composition
from speech_gesture_ros.training.engine.fingerprint import fingerprint
from speech_gesture_ros.training.engine.progress import progress_bar
from speech_gesture_ros.training.strokes.composer import compose_speech

_log = logging.getLogger(__name__)

LONGEST_PIECE_S, SHORTEST_PIECE_S = 60.0, 5.0
MIN_PIECES = 8  # into which little speech is cut, so that it can be split
SILENCE_S = 1.0  # before and after each piece, so that the hands start from rest and return to it


@dataclass(frozen=True)
class Piece:
    """Part of a recording, [start_s, stop_s)."""

    recording: SpeechRecording
    start_s: float
    stop_s: float

    @property
    def name(self) -> str:
        """Unique name, valid as a file name."""
        clean = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in self.recording.name)
        return f"{clean}@{self.start_s:.1f}"


def make_composed_corpus(data: Path, out: Path, *, minutes: float, seed: int = 0,
                         speakers: int | None = None) -> Corpus:
    """Make the corpus, or continue an interrupted call with the same arguments.

    Args:
        data: The data folder.
        out: Folder of the prepared corpus.
        minutes: Speech to use [min].
        seed: Seed of speakers, splits and gesture codes.
        speakers: Number of speakers, those with the most speech; None for all, a piece of each in turn.

    Raises:
        InputError: If minutes or speakers are not positive, or there is no recorded speech.
    """
    if not minutes > 0 or (speakers is not None and speakers < 1):
        raise InputError("minutes, speakers", (minutes, speakers), "above 0, at least 1", "Give larger numbers.")
    pieces = pick_pieces(list_recordings(data), minutes, seed, speakers)
    splits = split_pieces(pieces, seed)
    about = {"source": "speech/hours, composed motion", "seed": seed}
    _delete_other_clips(out, fingerprint([minutes, seed, speakers], composition, stroke_process))
    for piece in progress_bar(pieces, desc="composing", unit="piece"):
        if not clip_path(out, piece.name).exists():
            write_clip(out, make_clip(piece, splits[piece.name], seed), load_skeleton())
    return finish_corpus(out, splits, report=_report(pieces, splits, seed), about=about)


def pick_pieces(recordings: list[SpeechRecording], minutes: float, seed: int,
                speakers: int | None = None) -> list[Piece]:
    """Return pieces of the speakers in turn, in an order drawn by the seed, until the minutes are reached."""
    longest_s = float(np.clip(minutes * 60 / MIN_PIECES, SHORTEST_PIECE_S, LONGEST_PIECE_S))
    by_speaker: dict[str, list[Piece]] = {}
    for recording in recordings:
        by_speaker.setdefault(recording.speaker, []).extend(_cut(recording, longest_s))
    lengths = {name: sum(p.stop_s - p.start_s for p in pieces) for name, pieces in by_speaker.items()}
    chosen = sorted(by_speaker, key=lambda name: -lengths[name])[:speakers]
    order = sorted(chosen, key=lambda name: draw(f"order of {name}", seed))
    picked, left_s = [], minutes * 60
    for piece in _in_turn([by_speaker[name] for name in order]):
        if left_s < SHORTEST_PIECE_S:
            break
        picked.append(Piece(piece.recording, piece.start_s, min(piece.stop_s, piece.start_s + left_s)))
        left_s -= picked[-1].stop_s - picked[-1].start_s
    if not picked:
        raise InputError("recorded speech", f"{minutes} min", f"at least {SHORTEST_PIECE_S} s", "Give more minutes.")
    if left_s >= SHORTEST_PIECE_S:
        _log.warning("%.1f of %.1f min of speech found", minutes - left_s / 60, minutes)
    return picked


def split_pieces(pieces: list[Piece], seed: int) -> dict[str, str]:
    """Return the split of each piece by name: by speaker; with fewer than three speakers by piece, or all train."""
    speakers = {p.recording.speaker for p in pieces}
    if len(speakers) >= MIN_NAMES:
        by_speaker = draw_splits(speakers, seed)
        return {p.name: by_speaker[p.recording.speaker] for p in pieces}
    if len(pieces) >= MIN_NAMES:
        return draw_splits([p.name for p in pieces], seed)
    return {p.name: "train" for p in pieces}


def make_clip(piece: Piece, split: str, seed: int) -> Clip:
    """Return the sound of a piece with silence around it, and its composed motion."""
    sound = load_mono_16k(piece.recording.path)[round(piece.start_s * SAMPLE_RATE):round(piece.stop_s * SAMPLE_RATE)]
    samples = _add_silence(np.clip(sound, -1.0, 1.0))
    motion = compose_speech(samples, seed=int(draw(piece.name, seed) * 2**31))
    return Clip(piece.name, piece.recording.speaker, split, samples, motion.joint_xyz)


def _add_silence(sound: Samples) -> Samples:
    margin = round(SILENCE_S * SAMPLE_RATE)
    padded = np.concatenate([np.zeros(margin, np.float32), sound, np.zeros(margin, np.float32)])
    return padded[:len(padded) // SAMPLES_PER_POSE * SAMPLES_PER_POSE]


def _cut(recording: SpeechRecording, longest_s: float) -> Iterator[Piece]:
    start = 0.0
    while recording.seconds - start >= SHORTEST_PIECE_S:
        yield Piece(recording, start, min(start + longest_s, recording.seconds))
        start += longest_s


def _in_turn(lists: list[list[Piece]]) -> Iterator[Piece]:
    for turn in range(max(map(len, lists), default=0)):
        yield from (pieces[turn] for pieces in lists if turn < len(pieces))


def _delete_other_clips(out: Path, key: str) -> None:
    """Delete clips in the folder that were made with other arguments, or by other code."""
    marker = out / "made_by.txt"
    if marker.is_file() and marker.read_text(encoding="ascii") == key:
        return
    for old in (out / "clips").glob("*.npz"):
        old.unlink()
    with atomic_write(marker) as file:
        file.write(key.encode())


def _report(pieces: list[Piece], splits: dict[str, str], seed: int) -> str:
    lines = ["# Composed corpus", "", f"Recorded speech, composed motion, seed {seed}.", "",
             "| split | pieces | speakers | minutes |", "|---|---|---|---|"]
    for split in SPLITS:
        chosen = [p for p in pieces if splits[p.name] == split]
        minutes = sum(p.stop_s - p.start_s for p in chosen) / 60
        lines.append(f"| {split} | {len(chosen)} | {len({p.recording.speaker for p in chosen})} | {minutes:.1f} |")
    sources = sorted({(p.recording.source, p.recording.licence) for p in pieces})
    lines += ["", "Speech from:", "", *(f"- {source} ({licence})" for source, licence in sources), ""]
    return "\n".join(lines)
