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


@functools.cache
def training_sentences(language: str) -> tuple[str, ...]:
    """Return the sentences of a language, and those of the list "LANGUAGE_training" where there is one.

    Raises:
        ConfigError: If there are none.
    """
    lists = load_yaml(resolve("face_texts.yaml", "config/training"))
    return (*sentences(language), *(str(line) for line in lists.get(f"{language}_training", ())))


def draw_text(language: str, rng: np.random.Generator, *, training: bool = False) -> str:
    """Return a sentence, or a string of words of all sentences of the language; in training, of more sentences."""
    lines = training_sentences(language) if training else sentences(language)
    if rng.random() < SENTENCE_SHARE:
        return lines[int(rng.integers(len(lines)))]
    words = [word.strip(".,!?;:") for line in lines for word in line.split()]
    chosen = [words[int(rng.integers(len(words)))] for _ in range(int(rng.integers(WORDS[0], WORDS[1] + 1)))]
    return " ".join(word + ("," if rng.random() < COMMA_SHARE else "") for word in chosen).rstrip(",") + "."
