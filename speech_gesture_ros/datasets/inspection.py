"""Mapping of a source's joints as text to check, and as a mapping file to edit."""

from __future__ import annotations

from pathlib import Path

from speech_gesture_ros.core.errors import ConfigError, InputError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.datasets.convert import READERS, choose_mapping
from speech_gesture_ros.datasets.layouts import find_pairs
from speech_gesture_ros.datasets.mapping import REQUIRED_ROLES, ROLES, ResolvedMapping
from speech_gesture_ros.datasets.pairs import FoundPairs, RecordingPair
from speech_gesture_ros.datasets.retarget import retarget
from speech_gesture_ros.datasets.source_motion import SourceMotion


def inspect_source(source: Path, layout: str | None = None, speaker_pattern: str | None = None) -> tuple[str, str]:
    """Return a description of the first recording's skeleton, and a mapping file.

    Raises:
        ConfigError: If there is no pair.
        InputError: If the source's motion has no joints, or cannot be read.
    """
    found = find_pairs(source, layout, speaker_pattern)
    pair, motion, notes = _first_readable(found)
    head = [f"layout {found.layout}, {len(found.pairs)} recordings; first motion: {pair.motion}",
            f"{len(motion.xyz)} frames at {motion.frame_rate:g} Hz, {len(motion.names)} joints"]
    try:
        mapping = choose_mapping(motion, pair.mapping)
    except ConfigError as error:
        return "\n".join([*head, *notes, str(error)]), mapping_text(motion, ResolvedMapping({}, (), "auto", None))
    notes += [f"note: {note}" for note in (*motion.notes, *retarget(motion, mapping, load_skeleton()).notes)]
    return "\n".join([*head, *mapping.describe(motion), *notes]), mapping_text(motion, mapping)


def _first_readable(found: FoundPairs) -> tuple[RecordingPair, SourceMotion, list[str]]:
    """Return the first motion that can be read, and a line for each before it that cannot."""
    notes: list[str] = []
    for pair in found.pairs:
        if pair.kind in READERS:
            try:
                return pair, READERS[pair.kind](pair.motion), notes
            except InputError as error:
                notes.append(f"not read: {error}")
    raise InputError("motion with named joints", notes or "keypoints", "one that can be read",
                     "OpenPose frames need no mapping.")


def mapping_text(motion: SourceMotion, mapping: ResolvedMapping) -> str:
    """Return a mapping file; parts of the body that were not found are in it as comments."""
    lines = ["# Part of the body: joints of the source, of which the first that exists is used.",
             f"# The source has: {', '.join(motion.names)}", "joints:"]
    for role in ROLES:
        known = motion.names[mapping.joints[role]] if role in mapping.joints else ""
        needed = "required" if role in REQUIRED_ROLES else "optional"
        lines.append(f'  {role}: ["{known}"]' if known else f"  # {role}: []   # {needed}")
    lines.append("spine: [" + ", ".join(f'"{motion.names[i]}"' for i in mapping.spine) + "]   # from pelvis to chest")
    lines.append(f'up: "{mapping.up}"')
    return "\n".join(lines) + "\n"
