"""Films of one person as square pictures and keypoints, with the end of each film held out.

talk.mp4 ─► pictures at 25 Hz ─► square around the person ─► S x S, in <out>.training/talk.npy
talk.npz, or the folder talk, or landmarks of the pictures ─► keypoints in the square
| train ............................ | gap | held out |
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from speech_gesture_ros.core.atomic_files import replaced_file
from speech_gesture_ros.core.errors import ConfigError, InputError
from speech_gesture_ros.core.person_keypoints import BODY_INDEX
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.datasets.films import FILM_SUFFIXES, FilmPicture, read_film
from speech_gesture_ros.datasets.person_files import read_person, read_person_folder

Keypoints = npt.NDArray[np.float32]
Pictures = npt.NDArray[np.uint8]
Detect = Callable[[Iterable[npt.NDArray[np.uint8]]], Keypoints]
Progress = Callable[[Iterable[FilmPicture], str], Iterable[FilmPicture]]

GAP_S = 1.0  # between the train part and the held-out part
MIN_PART = 12  # pictures of either part
MAX_FILMS = 1000


@dataclass(frozen=True)
class PersonFilm:
    """A film of the person.

    Attributes:
        name: Name of its file, without suffix.
        pictures: (T, S, S, 3) uint8, a file in memory.
        keypoints: (T, 137, 3) x, y [pixels of these pictures] and confidence.
        train_stop: Pictures before are trained on.
        test_start: Pictures from here on are held out.
    """

    name: str
    pictures: Pictures
    keypoints: Keypoints
    train_stop: int
    test_start: int


def find_films(source: Path) -> list[Path]:
    """Return a film, or the films of a folder.

    Raises:
        ConfigError: If there are none, or too many.
    """
    if source.is_file():
        return [source]
    found = sorted(p for p in source.iterdir() if p.suffix.lower() in FILM_SUFFIXES) if source.is_dir() else []
    if not 1 <= len(found) <= MAX_FILMS:
        raise ConfigError(f"films in {source}", len(found), f"1 to {MAX_FILMS} of {', '.join(FILM_SUFFIXES)}",
                          "Give a film, or a folder with films.")
    return found


def read_films(source: Path, folder: Path, size: int, held_out: float, max_frames: int, detect: Detect,
               progress: Progress) -> list[PersonFilm]:
    """Read the films of a person.

    Args:
        source: A film, or a folder with films.
        folder: Folder for the reduced pictures; made if it does not exist.
        size: Width and height of the pictures [pixels].
        held_out: Share of each film that is held out.
        max_frames: Largest number of pictures together.
        detect: Finds the keypoints of pictures, for films without files of keypoints.
        progress: Wraps the pictures of a film with a progress bar.

    Raises:
        InputError: If a film cannot be read, or does not show a person.
        ConfigError: If there is no film, one is too short, or all together are too long.
    """
    films, total = [], 0
    for path in find_films(source):
        keypoints = film_keypoints(path, detect, progress)
        total += len(keypoints)
        if total > max_frames:
            raise ConfigError("pictures of all films", f"more than {max_frames}", f"at most {max_frames} at "
                              f"{POSE_RATE} Hz", "Cut the films, or raise max_frames.")
        films.append(_reduce(path, keypoints, folder, size, held_out, progress))
    return films


def film_keypoints(path: Path, detect: Detect, progress: Progress) -> Keypoints:
    """Return the (T, 137, 3) keypoints of a film [pixels]: of the file or folder of its name, or detected."""
    beside = path.with_suffix(".npz")
    if beside.is_file():
        return read_person(beside)
    if path.with_suffix("").is_dir():
        sources = [picture.source for picture in progress(read_film(path), f"{path.name}: pictures")]
        return read_person_folder(path.with_suffix(""), sources)
    return detect(picture.pixels for picture in progress(read_film(path), f"{path.name}: keypoints"))


def _reduce(path: Path, keypoints: Keypoints, folder: Path, size: int, held_out: float, progress: Progress
            ) -> PersonFilm:
    count = len(keypoints)
    test_start = count - round(held_out * count)
    train_stop = test_start - round(GAP_S * POSE_RATE)
    if min(train_stop, count - test_start) < MIN_PART:
        raise ConfigError(f"length of {path}", f"{count / POSE_RATE:.1f} s", f"enough for {MIN_PART} pictures to train "
                          f"on, a gap of {GAP_S:g} s and {MIN_PART} pictures held out", "Use a longer film.")
    neck = keypoints[:, BODY_INDEX["neck"]]
    if not (neck[:, 2] > 0).any():
        raise InputError(f"person in {path}", "never seen", "one person, seen from the front", "Use another film.")
    middle = float(np.median(neck[neck[:, 2] > 0, 0]))
    target = folder / f"{path.stem}.npy"
    with replaced_file(target) as temporary:
        pictures = np.lib.format.open_memmap(temporary, "w+", np.uint8, (count, size, size, 3))
        seen, left, side = 0, 0, size
        for picture in progress(read_film(path), f"{path.name}: pictures"):
            if picture.index >= count:
                break
            left, side = square(picture.pixels.shape[1], picture.pixels.shape[0], middle)
            part = Image.fromarray(picture.pixels[:side, left:left + side])
            pictures[picture.index] = np.asarray(part.resize((size, size), Image.Resampling.BOX))
            seen += 1
        if seen < count:
            raise InputError(f"pictures of {path}", seen, f"{count}, as keypoints at {POSE_RATE} Hz",
                             "Make the keypoints again: they are of another film.")
        pictures.flush()
        del pictures
    scale = size / side
    inside = keypoints.copy()
    inside[..., 0] = (keypoints[..., 0] + 0.5 - left) * scale - 0.5
    inside[..., 1] = (keypoints[..., 1] + 0.5) * scale - 0.5
    inside[keypoints[..., 2] <= 0] = 0.0
    return PersonFilm(path.stem, np.load(target, mmap_mode="r"), inside, train_stop, test_start)


def square(width: int, height: int, middle: float) -> tuple[int, int]:
    """Return the left edge and the side of the largest square at the top of a picture, around a column [pixels]."""
    side = min(width, height)
    return int(np.clip(round(middle - side / 2), 0, width - side)), side


def background_of(films: list[PersonFilm], most: int = 200) -> Pictures:
    """Return the (S, S, 3) median picture of the train parts: what does not move."""
    places = [(film, k) for film in films for k in range(film.train_stop)]
    chosen = [places[i] for i in np.linspace(0, len(places) - 1, min(most, len(places))).astype(int)]
    median: Pictures = np.median(np.stack([film.pictures[k] for film, k in chosen]), axis=0).astype(np.uint8)
    return median


def median_person(films: list[PersonFilm]) -> Keypoints:
    """Return the (137, 3) median keypoints of the train parts, and the share of pictures in which each is known."""
    points = np.concatenate([film.keypoints[:film.train_stop] for film in films])
    known = points[..., 2] > 0
    at = np.where(known[..., None], points[..., :2], np.nan)
    out = np.zeros((points.shape[1], 3), dtype=np.float32)
    seen = known.any(axis=0)
    out[seen, :2] = np.nanmedian(at[:, seen], axis=0)
    out[:, 2] = known.mean(axis=0)
    return out
