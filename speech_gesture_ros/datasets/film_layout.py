"""Layout of talk videos: films with a person and sound; a sound file of the same name is used in place of theirs."""

from __future__ import annotations

from speech_gesture_ros.datasets.films import FILM_SUFFIXES
from speech_gesture_ros.datasets.pairs import LayoutPairs, LeftOver, RecordingPair, file_name, first_folder, plain_key
from speech_gesture_ros.datasets.source_files import AUDIO_SUFFIXES, SourceFiles


def film(files: SourceFiles) -> LayoutPairs:
    """Return the films of a folder."""
    sounds = {plain_key(path): path for path in files.having(AUDIO_SUFFIXES)[::-1]}
    pairs, used, seen = [], [], set()
    left: LeftOver = []
    for path in files.having(FILM_SUFFIXES):
        key = str(plain_key(path))
        if key in seen:
            left.append((path, "another film has this name"))
            continue
        seen.add(key)
        sound = sounds.get(key, path)
        pairs.append(RecordingPair(file_name(key), first_folder(key), "", files.folder / sound, files.folder / path,
                                   "film"))
        used += [path, *([sound] if sound != path else [])]
    return LayoutPairs(tuple(pairs), tuple(left), (), tuple(used))
