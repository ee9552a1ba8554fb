"""Texts for speech synthesis: sentences of a list, or their words in any order, drawn by a seed."""

from __future__ import annotations

import functools

import numpy as np

from speech_gesture_ros.core.assets import resolve
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.yaml_config import load_yaml

SENTENCE_SHARE = 0.35
WORDS = (6, 14)
COMMA_SHARE = 0.12  # of the words of a string


@functools.cache
def sentences(language: str) -> tuple[str, ...]:
    """Return the sentences of a language.

    Raises:
        ConfigError: If there are none.
    """
    lists = load_yaml(resolve("face_texts.yaml", "config/training"))
    if language not in lists:
        raise ConfigError("language of the texts", language, f"one of {', '.join(lists)}", "Add sentences.")
    return tuple(str(line) for line in lists[language])


def draw_text(language: str, rng: np.random.Generator) -> str:
    """Return a sentence, or a string of words of all sentences of the language."""
    lines = sentences(language)
    if rng.random() < SENTENCE_SHARE:
        return lines[int(rng.integers(len(lines)))]
    words = [word.strip(".,!?;:") for line in lines for word in line.split()]
    chosen = [words[int(rng.integers(len(words)))] for _ in range(int(rng.integers(WORDS[0], WORDS[1] + 1)))]
    return " ".join(word + ("," if rng.random() < COMMA_SHARE else "") for word in chosen).rstrip(",") + "."
