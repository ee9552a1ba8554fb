"""Recorded speech with composed motion as a prepared corpus: what experiments run on where no paired data is at hand.

    speech/hours ─► pieces of at most a minute, one of each speaker in turn ─► silence around ─► choreograph ─► clips

Speakers of the test are never in the training. The motion is the choreographer's, not people's: a model that learns it
shows that the learning works, and no more.
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
from speech_gesture_ros.datasets.clips import Clip, clip_path, write_clip
from speech_gesture_ros.datasets.prepared import Corpus, finish_corpus
from speech_gesture_ros.datasets.speech_recordings import Samples, SpeechRecording, list_recordings
from speech_gesture_ros.datasets.splits import FEWEST, draw, draw_splits
from speech_gesture_ros.training import composition
from speech_gesture_ros.training.composition.composer import choreograph
from speech_gesture_ros.training.engine.fingerprint import fingerprint

_log = logging.getLogger(__name__)

LONGEST_S, SHORTEST_S = 60.0, 5.0
FEWEST_PIECES = 8  # of little speech too, so that it can be split
SILENCE_S = 1.0  # before and after each piece, so that coming from rest and going there is seen


@dataclass(frozen=True)
class Piece:
    """A stretch of a recording, [start_s, stop_s)."""

    recording: SpeechRecording
    start_s: float
    stop_s: float

    @property
    def name(self) -> str:
        """Unique, good as a file name."""
        clean = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in self.recording.name)
        return f"{clean}@{self.start_s:.1f}"


def make_choreographed_corpus(data: Path, out: Path, *, minutes: float, seed: int = 0,
                              speakers: int | None = None) -> Corpus:
    """Make the corpus; goes on where an earlier call with the same arguments was interrupted.

    Args:
        data: The data folder.
        out: Folder of the prepared corpus.
        minutes: Speech to use.
        seed: Draws speakers, splits and performances.
        speakers: Only so many, those with the most speech; None for all, a piece of each in turn.

    Raises:
        InputError: If no minutes or speakers are asked for.
    """
    if not minutes > 0 or (speakers is not None and speakers < 1):
        raise InputError("minutes, speakers", (minutes, speakers), "above 0, at least 1", "Ask for more.")
    from tqdm import tqdm

    pieces = pick_pieces(list_recordings(data), minutes, seed, speakers)
    splits = split_pieces(pieces, seed)
    about = {"source": "speech/hours, motion by the choreographer", "seed": seed}
    _forget_other_clips(out, fingerprint([minutes, seed, speakers], composition))
    for piece in tqdm(pieces, desc="choreographing", unit="piece"):
        if not clip_path(out, piece.name).exists():
            write_clip(out, make_clip(piece, splits[piece.name], seed), load_skeleton())
    return finish_corpus(out, splits, report=_report(pieces, splits, seed), about=about)


def pick_pieces(recordings: list[SpeechRecording], minutes: float, seed: int,
                speakers: int | None = None) -> list[Piece]:
    """Pieces of the speakers in turn, in an order drawn by the seed, until the minutes are full."""
    longest_s = float(np.clip(minutes * 60 / FEWEST_PIECES, SHORTEST_S, LONGEST_S))
    by_speaker: dict[str, list[Piece]] = {}
    for recording in recordings:
        by_speaker.setdefault(recording.speaker, []).extend(_cut(recording, longest_s))
    lengths = {name: sum(p.stop_s - p.start_s for p in pieces) for name, pieces in by_speaker.items()}
    chosen = sorted(by_speaker, key=lambda name: -lengths[name])[:speakers]
    order = sorted(chosen, key=lambda name: draw(f"order of {name}", seed))
    picked, left_s = [], minutes * 60
    for piece in _in_turn([by_speaker[name] for name in order]):
        if left_s < SHORTEST_S:
            break
        picked.append(Piece(piece.recording, piece.start_s, min(piece.stop_s, piece.start_s + left_s)))
        left_s -= picked[-1].stop_s - picked[-1].start_s
    if not picked:
        raise InputError("speech to choreograph", f"{minutes} min", f"at least {SHORTEST_S} s", "Ask for more.")
    if left_s >= SHORTEST_S:
        _log.warning("%.1f of %.1f min of speech found", minutes - left_s / 60, minutes)
    return picked


def split_pieces(pieces: list[Piece], seed: int) -> dict[str, str]:
    """Split of each piece by name: by speaker; with fewer than three of them by piece; fewer than that all train."""
    speakers = {p.recording.speaker for p in pieces}
    if len(speakers) >= FEWEST:
        by_speaker = draw_splits(speakers, seed)
        return {p.name: by_speaker[p.recording.speaker] for p in pieces}
    if len(pieces) >= FEWEST:
        return draw_splits([p.name for p in pieces], seed)
    return {p.name: "train" for p in pieces}


def make_clip(piece: Piece, split: str, seed: int) -> Clip:
    """The piece's sound with silence around it, and its performance."""
    sound = load_mono_16k(piece.recording.path)[round(piece.start_s * SAMPLE_RATE):round(piece.stop_s * SAMPLE_RATE)]
    samples = _surround(np.clip(sound, -1.0, 1.0))
    performance = choreograph(samples, seed=int(draw(piece.name, seed) * 2**31))
    return Clip(piece.name, piece.recording.speaker, split, samples, performance.joint_xyz)


def _surround(sound: Samples) -> Samples:
    margin = round(SILENCE_S * SAMPLE_RATE)
    padded = np.concatenate([np.zeros(margin, np.float32), sound, np.zeros(margin, np.float32)])
    return padded[:len(padded) // SAMPLES_PER_POSE * SAMPLES_PER_POSE]


def _cut(recording: SpeechRecording, longest_s: float) -> Iterator[Piece]:
    start = 0.0
    while recording.seconds - start >= SHORTEST_S:
        yield Piece(recording, start, min(start + longest_s, recording.seconds))
        start += longest_s


def _in_turn(lists: list[list[Piece]]) -> Iterator[Piece]:
    for turn in range(max(map(len, lists), default=0)):
        yield from (pieces[turn] for pieces in lists if turn < len(pieces))


def _forget_other_clips(out: Path, key: str) -> None:
    """Delete clips that other arguments, or another choreographer, left in the folder."""
    marker = out / "made_by.txt"
    if marker.is_file() and marker.read_text(encoding="ascii") == key:
        return
    for old in (out / "clips").glob("*.npz"):
        old.unlink()
    with atomic_write(marker) as file:
        file.write(key.encode())


def _report(pieces: list[Piece], splits: dict[str, str], seed: int) -> str:
    lines = ["# Choreographed corpus", "", f"Recorded speech, motion by the choreographer, seed {seed}.", "",
             "| split | pieces | speakers | minutes |", "|---|---|---|---|"]
    for split in ("train", "validation", "test"):
        chosen = [p for p in pieces if splits[p.name] == split]
        minutes = sum(p.stop_s - p.start_s for p in chosen) / 60
        lines.append(f"| {split} | {len(chosen)} | {len({p.recording.speaker for p in chosen})} | {minutes:.1f} |")
    sources = sorted({(p.recording.source, p.recording.licence) for p in pieces})
    lines += ["", "Speech from:", "", *(f"- {source} ({licence})" for source, licence in sources), ""]
    return "\n".join(lines)
