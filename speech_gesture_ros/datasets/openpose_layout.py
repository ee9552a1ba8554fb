"""Layout of OpenPose: folders of pictures, each with the sound file of the same name.

talk.wav, talk/talk_000000000000_keypoints.json ...        one recording in a folder
talk.mp4, talk/ ...                                        the sound of a film, if there is no sound file
talk1.wav, talk2.wav, out/talk1_0000_keypoints.json ...    several: the begin of the names is that of the sound
"""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import PurePosixPath

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.datasets.films import FILM_SUFFIXES
from speech_gesture_ros.datasets.openpose_files import group_pictures, is_openpose, recording_stem
from speech_gesture_ros.datasets.pairs import (
    KIND_FOLDERS,
    LayoutPairs,
    LeftOver,
    RecordingPair,
    file_name,
    first_folder,
    plain_key,
)
from speech_gesture_ros.datasets.source_files import AUDIO_SUFFIXES, MOTION_SUFFIXES, SourceFiles

Pictures = dict[tuple[PurePosixPath, str], list[PurePosixPath]]


def openpose(files: SourceFiles) -> LayoutPairs:
    """Return the recordings of OpenPose that have a sound file."""
    left: LeftOver = []
    recordings = _recordings(files, left)
    sounds = {str(plain_key(path)): path for path in files.having(FILM_SUFFIXES)[::-1]}
    sounds |= {str(plain_key(path)): path for path in files.having(AUDIO_SUFFIXES)[::-1]}
    per_folder = Counter(folder for folder, _ in recordings)
    is_only = files.is_whole and len(recordings) == len(sounds) == 1 and not files.having(MOTION_SUFFIXES)
    pairs, used = [], []
    for (folder, recording), pictures in recordings.items():
        key = next((k for k in _keys(folder, recording, per_folder[folder] == 1) if k in sounds), None)
        key = next(iter(sounds)) if key is None and is_only else key
        if key is None:
            left.append((_place(folder, recording, per_folder[folder] == 1), "no sound of this name"))
            continue
        pairs.append(RecordingPair(file_name(key), first_folder(key), "", files.folder / sounds[key],
                                   files.folder / folder, "openpose", pictures=recording))
        used += [sounds[key], *pictures]
    return LayoutPairs(tuple(pairs), tuple(left), (), tuple(used))


def _recordings(files: SourceFiles, left: LeftOver) -> Pictures:
    """Return the pictures of each recording by folder and name; recordings that cannot be numbered are left over."""
    folders: dict[PurePosixPath, list[str]] = defaultdict(list)
    for path in files.having((".json",)):
        folders[path.parent].append(path.name)
    found: Pictures = {}
    for folder, names in sorted(folders.items()):
        try:
            groups = group_pictures(names)
        except InputError as error:
            left.append((folder, str(error)))
            continue
        for recording, pictures in sorted(groups.items()):
            paths = [folder / name for _, name in sorted(pictures.items())]
            if is_openpose(files.folder / paths[0]):
                found[folder, recording] = paths
    return found


def _keys(folder: PurePosixPath, recording: str, is_alone: bool) -> list[str]:
    """Return the keys under which the sound of a recording may be, the likeliest first."""
    candidates = [folder] if is_alone and folder.name else []
    if is_alone and folder.name.lower() in KIND_FOLDERS:
        candidates.append(folder.parent)
    if stem := recording_stem(recording):
        candidates += [folder / stem, folder.parent / stem]
    return [str(plain_key(path)) for path in candidates]


def _place(folder: PurePosixPath, recording: str, is_alone: bool) -> PurePosixPath:
    return folder if is_alone else folder / recording
