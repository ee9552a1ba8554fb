"""Voices and faces of people: a folder for each person, with recordings and one face.

    FOLDER/anna/one.wav, two.flac ...   voices
    FOLDER/anna/face.npz                identity (K,) with axes (K,) names; feature (N,); picture (64, 64, 3)
    FOLDER/anna/face.png                a picture, if face.npz has none

All people have the same kinds. What describes a face is its `feature`, of a recogniser that the user may use, else its
axes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from speech_gesture_ros.core.bounded_arrays import read_arrays
from speech_gesture_ros.core.bounded_files import MIB, check_size
from speech_gesture_ros.core.errors import ConfigError, InputError
from speech_gesture_ros.datasets.source_files import AUDIO_SUFFIXES
from speech_gesture_ros.networks.speech2face.network_config import MAX_AXES, PICTURE

Array = npt.NDArray[np.float32]

FACE, FACE_PICTURE = "face.npz", "face.png"
MAX_PEOPLE, MIN_PEOPLE = 1_000_000, 4
MAX_PICTURE_BYTES, MAX_PICTURE_SIDE = 16 * MIB, 8192
REMEDY = "See docs/guides/avatar.md, 'A network from voices to faces'."


@dataclass(frozen=True)
class Person:
    """One person.

    Attributes:
        name: Name of the folder.
        voices: Recordings.
        axes: (K,) axes of the identity; empty if there are none.
        feature: (N,) feature of the face; empty if there is none.
        picture: (64, 64, 3) uint8, or None.
    """

    name: str
    voices: tuple[Path, ...]
    axes: Array
    feature: Array
    picture: npt.NDArray[np.uint8] | None

    @property
    def face(self) -> Array:
        """Description of the face: the feature, else the axes."""
        return self.feature if len(self.feature) else self.axes


def read_people(folder: Path) -> tuple[list[Person], tuple[str, ...]]:
    """Return the people of a folder, and the names of the axes.

    Raises:
        ConfigError: If there are too few people, or they have different kinds of faces.
        InputError: If a face cannot be read.
    """
    if not folder.is_dir():
        raise ConfigError("folder of voices and faces", str(folder), "an existing folder", REMEDY)
    people, names = [], set()
    for place in sorted(path for path in folder.iterdir() if path.is_dir()):
        voices = tuple(sorted(path for path in place.iterdir() if path.suffix.lower() in AUDIO_SUFFIXES))
        if voices and (place / FACE).is_file():
            person, axes = _read_person(place, voices)
            people.append(person)
            names.add(axes)
        if len(people) > MAX_PEOPLE:
            raise ConfigError(f"people in {folder}", f"more than {MAX_PEOPLE}", f"at most {MAX_PEOPLE}", REMEDY)
    if len(people) < MIN_PEOPLE:
        raise ConfigError(f"people with voice and {FACE} in {folder}", len(people), f"{MIN_PEOPLE} or more", REMEDY)
    kinds = {(len(p.axes), len(p.feature), p.picture is None) for p in people}
    if len(kinds) > 1 or len(names) > 1:
        raise ConfigError(f"faces of {folder}", f"axes, features, pictures: {sorted(kinds)[:4]}",
                          "of one kind for all people", REMEDY)
    return people, names.pop()


def split_people(people: list[Person], held_out: float, seed: int) -> tuple[list[Person], list[Person]]:
    """Return the people to train on, and those held out; whole people, so that no voice is in both."""
    count = min(max(2, round(held_out * len(people))), len(people) - 2)
    order = np.random.default_rng([seed, 17]).permutation(len(people))
    return [people[i] for i in sorted(order[count:])], [people[i] for i in sorted(order[:count])]


def _read_person(place: Path, voices: tuple[Path, ...]) -> tuple[Person, tuple[str, ...]]:
    arrays = read_arrays(place / FACE, "file of a face", ("identity", "axes", "feature", "picture"), 8 * MIB)
    identity = np.asarray(arrays.get("identity", np.zeros(0)), dtype=np.float32).reshape(-1)
    feature = np.asarray(arrays.get("feature", np.zeros(0)), dtype=np.float32).reshape(-1)
    names = tuple(str(name) for name in arrays.get("axes", np.array([f"axis{i}" for i in range(len(identity))])))
    longest = max(len(identity), len(feature))
    if not 1 <= longest <= MAX_AXES or len(names) != len(identity):
        raise InputError(f"content of {place / FACE}", {name: array.shape for name, array in arrays.items()},
                         f"identity (K,) with K names in axes, or feature (N,), at most {MAX_AXES}", REMEDY)
    if not (np.isfinite(identity).all() and np.isfinite(feature).all()):
        raise InputError(f"content of {place / FACE}", "NaN or infinity", "finite", REMEDY)
    picture = arrays.get("picture")
    if picture is not None and (picture.shape != (PICTURE, PICTURE, 3) or picture.dtype != np.uint8):
        raise InputError(f"picture of {place / FACE}", (picture.shape, str(picture.dtype)),
                         f"({PICTURE}, {PICTURE}, 3) uint8", REMEDY)
    if picture is None and (place / FACE_PICTURE).is_file():
        picture = _read_picture(place / FACE_PICTURE)
    return Person(place.name, voices, identity, feature, picture), names


def _read_picture(path: Path) -> npt.NDArray[np.uint8]:
    check_size(path, MAX_PICTURE_BYTES, "picture")
    try:
        with Image.open(path) as picture:
            if max(picture.size) > MAX_PICTURE_SIDE:
                raise ValueError(f"{picture.size} pixels, more than {MAX_PICTURE_SIDE}")
            return np.asarray(picture.convert("RGB").resize((PICTURE, PICTURE), Image.Resampling.BOX))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError("picture", str(path), "an intact picture", str(error)) from None
