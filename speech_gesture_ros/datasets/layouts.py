"""Layouts of recordings. Each is recognised by its file names and finds its pairs of sound and motion.

    takeuchi            audio12.wav, gesture12.bvh; published split by number                     (Takeuchi et al. 2017)
    talking_with_hands  trn/main-agent/{wav,bvh}/trn_2023_v0_000_main-agent.*, interloctr alike   (GENEA 2023)
    zeroeggs            clean/001_Neutral_0_x_1_0.{wav,bvh}: one speaker, 19 styles               (Ghorbani et al. 2022)
    beat                2/2_scott_0_1_1.{wav,bvh}                                                 (Liu et al. 2022)
    beat2               wave16k/2_scott_0_1_1.wav, smplxflame_30/2_scott_0_1_1.npz                (Liu et al. 2024)
    trinity             Audio/*.wav, Motion/*.bvh, or wav/ and bvh/; one speaker                  (Ferstl et al. 2018)
    openpose            talk.wav, talk/talk_000000000000_keypoints.json ...                       (Cao et al. 2017)
    plain               any sound and motion files with equal names; folders are speakers
    film                talk.mp4 ...: a person speaks; the motion is estimated from the pictures. Only in a folder
                        without other recordings

Each layout takes its pairs from the files that those before it have left, so that a folder may mix layouts. What no
pair uses is listed with its reason.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.datasets.film_layout import film
from speech_gesture_ros.datasets.films import FILM_SUFFIXES
from speech_gesture_ros.datasets.npz_motion import motion_kind
from speech_gesture_ros.datasets.openpose_layout import openpose
from speech_gesture_ros.datasets.pairs import (
    FoundPairs,
    LayoutPairs,
    RecordingPair,
    file_name,
    first_folder,
    match_files,
    plain_key,
)
from speech_gesture_ros.datasets.published_layouts import (
    beat,
    beat2,
    takeuchi,
    talking_with_hands,
    trinity,
    zeroeggs,
)
from speech_gesture_ros.datasets.source_files import AUDIO_SUFFIXES, MOTION_SUFFIXES, SourceFiles, list_source

Finder = Callable[[SourceFiles], LayoutPairs]


def find_pairs(source: Path, layout: str | None = None, speaker_pattern: str | None = None) -> FoundPairs:
    """Return the pairs of sound and motion in a folder.

    Args:
        source: The folder.
        layout: One of `LAYOUTS`; None for all.
        speaker_pattern: Regular expression; its first group in a motion file's relative path is the speaker.

    Raises:
        ConfigError: If the folder is missing, the layout is unknown, or there is no pair.
    """
    if layout is not None and layout not in LAYOUTS:
        raise ConfigError("layout", layout, f"one of {list(LAYOUTS)}", "Check the spelling.")
    files = list_source(source)
    found = _search(files, [layout] if layout else list(LAYOUTS))
    if not found.pairs:
        sounds = files.having(AUDIO_SUFFIXES)
        motions = files.having((*MOTION_SUFFIXES, ".json", *FILM_SUFFIXES))
        raise ConfigError(f"pairs of sound and motion in {source}", f"0 ({len(sounds)} sound files, {len(motions)} "
                          f"motion files)", "at least 1", "Give sound and motion the same name: talk.wav, talk.bvh.")
    return found if speaker_pattern is None else _rename_speakers(found, files.folder, speaker_pattern)


def plain(files: SourceFiles) -> LayoutPairs:
    """Return pairs of any files with equal names; a first folder that is no kind of file names the speaker.

    One sound and one motion in the whole folder are a pair with any names.
    """
    matched, left = match_files(files, MOTION_SUFFIXES, plain_key, plain_key)
    sounds, motions = files.having(AUDIO_SUFFIXES), files.having(MOTION_SUFFIXES)
    if not matched and files.is_whole and len(sounds) == len(motions) == 1:
        matched, left = [(str(plain_key(sounds[0])), sounds[0], motions[0])], []
    pairs = [RecordingPair(file_name(key), first_folder(key), "", files.folder / audio, files.folder / motion,
                           "bvh" if motion.suffix.lower() == ".bvh" else motion_kind(files.folder / motion))
             for key, audio, motion in matched]
    return LayoutPairs(tuple(pairs), tuple(left), (), tuple(path for _, *paths in matched for path in paths))


LAYOUTS: dict[str, Finder] = {
    "takeuchi": takeuchi, "talking_with_hands": talking_with_hands, "zeroeggs": zeroeggs, "beat": beat, "beat2": beat2,
    "trinity": trinity, "openpose": openpose, "plain": plain, "film": film,
}  # fmt: skip


def _search(files: SourceFiles, layouts: list[str]) -> FoundPairs:
    """Return the pairs of some layouts, each in the files that those before it have left, and all other files."""
    rest, results = files, {name: LayoutPairs(()) for name in layouts}
    for name in layouts:
        if name == "film" and any(result.pairs for result in results.values()):
            continue  # films beside recorded motion are usually views of it
        results[name] = LAYOUTS[name](rest)
        rest = rest.without([*results[name].used, *(path for path, _ in results[name].set_aside)])
    found = list(results.values())
    used = {path for result in found for path in result.used}
    left = _left_over(files, used, found, f"no file of the layout {layouts[0]}" if len(layouts) == 1 else "no partner")
    others = Counter(path.suffix.lower() or "(none)" for path in files.paths
                     if path not in used and path not in left and left.keys().isdisjoint(path.parents))
    return FoundPairs(" + ".join(name for name, result in results.items() if result.pairs),
                      _with_unique_names([pair for result in found for pair in result.pairs]),
                      tuple((files.folder / path, reason) for path, reason in sorted(left.items())),
                      dict(sorted(others.items())))


def _left_over(files: SourceFiles, used: set[PurePosixPath], found: list[LayoutPairs],
               usual_reason: str) -> dict[PurePosixPath, str]:
    """Return sound, motion and recordings of pictures that no pair uses, each with the reason of the first layout."""
    reasons: dict[PurePosixPath, str] = {}
    for result in found:
        for path, reason in (*result.set_aside, *result.left_over):
            reasons.setdefault(path, reason)
    sounds = {plain_key(path): path for path in used if path.suffix.lower() in AUDIO_SUFFIXES}
    for path in files.having((*AUDIO_SUFFIXES, *MOTION_SUFFIXES)):
        if path.suffix.lower() in MOTION_SUFFIXES and plain_key(path) in sounds:
            reasons[path] = f"another motion is used for {sounds[plain_key(path)]}"
        reasons.setdefault(path, usual_reason)
    return {path: reason for path, reason in reasons.items() if path not in used}


def _with_unique_names(pairs: list[RecordingPair]) -> tuple[RecordingPair, ...]:
    """Number names that occur again: "a/b.wav" and "a_b.wav" would be one file in the corpus."""
    count: Counter[str] = Counter()
    out = []
    for pair in pairs:
        name = pair.name
        while count[name]:
            count[pair.name] += 1
            name = f"{pair.name}-{count[pair.name]}"
        count[name] += 1
        out.append(replace(pair, name=name))
    return tuple(out)


def _rename_speakers(found: FoundPairs, source: Path, pattern: str) -> FoundPairs:
    try:
        search = re.compile(pattern)
    except re.error as error:
        raise ConfigError("speaker pattern", pattern, "a regular expression", str(error)) from None
    pairs = []
    for pair in found.pairs:
        match = search.search(pair.motion.relative_to(source).as_posix())
        if match is None or not search.groups:
            raise ConfigError("speaker pattern", pattern, f"a pattern with a group that matches {pair.motion}",
                              "Example: '([a-z]+)_' for anna_01.bvh")
        pairs.append(replace(pair, speaker=match[1]))
    return replace(found, pairs=tuple(pairs))
