"""Choice of recordings for an evaluation: one each of different speakers, in as many languages as possible."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.datasets.speech_recordings import SpeechRecording, list_recordings

SHORTEST_S = 12.0  # of a recording that is evaluated: the time-shifted control needs more than 10 s


def pick_recordings(folder: Path, count: int = 12, seed: int = 0) -> list[SpeechRecording]:
    """Pick one recording each of different speakers.

    Args:
        folder: Data folder, with ``speech/hours/manifest.csv``.
        count: Number of speakers.
        seed: Of the choice.

    Raises:
        InputError: If the manifest is missing or has too few speakers.
    """
    rows = list_recordings(folder)
    order = np.random.default_rng(seed).permutation(len(rows))
    by_language: dict[str, dict[str, SpeechRecording]] = {}
    for row in (rows[i] for i in order):
        if row.seconds >= SHORTEST_S:
            by_language.setdefault(row.language, {}).setdefault(row.speaker, row)
    queues = [list(by_language[language].values()) for language in sorted(by_language)]
    # Languages take turns: in each turn each gives one more speaker.
    turns = sorted((turn, i) for i, queue in enumerate(queues) for turn in range(len(queue)))
    picked = {queues[i][turn].speaker: queues[i][turn] for turn, i in turns}
    if len(picked) < count:
        raise InputError("number of speakers", count, f"at most {len(picked)}", f"Recordings in {folder} have no more.")
    return list(picked.values())[:count]
