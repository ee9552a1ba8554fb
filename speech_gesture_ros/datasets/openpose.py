"""Reader of OpenPose's JSON files, one for each picture, to the 49 keypoints of Speech2Gesture at 15 Hz.

    FOLDER/<video>_000000000000_keypoints.json ...   people, each with a body (BODY_25 or COCO) and both hands; other
                                                     forms of names: `openpose_files`
    FOLDER/rate_hz.txt                               pictures per second, unless it is given

In the first picture with people the person with the highest confidence is chosen, then in each picture the one nearest
to the last position. Missing keypoints are interpolated in time, fingers relative to their wrist. In gaps of up to half
a second they have a small confidence, in longer ones confidence 0, so that a training can leave them out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.bounded_files import read_bounded
from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.keypoints import KEYPOINT_INDEX, KEYPOINT_RATE, NUM_KEYPOINTS
from speech_gesture_ros.datasets.openpose_files import BODY_NUMBERS, HAND_POINTS, group_pictures, read_people

Array = npt.NDArray[np.float64]

MIN_CONFIDENCE = 0.1  # below which a keypoint counts as not detected; also the factor of confidence in short gaps
LONGEST_GAP_S = 0.5
MIN_RATE_HZ, MAX_RATE_HZ = 8.0, 1000.0  # a lower rate cannot show a stroke
RATE_FILE, MAX_RATE_FILE_BYTES = "rate_hz.txt", 1024
MAX_PICTURES = 400_000  # from the first number to the last: 3.7 hours at 30 Hz
MAX_TORN_SHARE = 0.01  # of the files that cannot be read; one may be
FEWEST_FILES = 10  # of which one may be torn


@dataclass(frozen=True)
class KeypointTrack:
    """Keypoints of one person in a video.

    Attributes:
        keypoints: (T, 49, 3) float32 x, y [pixels] and confidence at 15 Hz.
        seconds: Length of the video [s].
        arms_share: Share of pictures in which neck and both arms were detected.
        hands_share: Share in which both hands were detected.
        notes: Files that cannot be read.
    """

    keypoints: npt.NDArray[np.float32]
    seconds: float
    arms_share: float
    hands_share: float
    notes: tuple[str, ...] = ()


def read_openpose(folder: Path, rate_hz: float | None = None, recording: str = "") -> KeypointTrack:
    """Read the OpenPose files of a video.

    Args:
        folder: Folder of the JSON files; in pictures without a file, or with a torn one, nothing is detected.
        rate_hz: Pictures per second; None to read rate_hz.txt.
        recording: Name of the recording in the folder, see `openpose_files.group_pictures`; "" for the only one.

    Raises:
        InputError: If there are no files, the rate is unknown or too low, more files than a hundredth are not
            OpenPose's, or a keypoint of neck and arms is never detected.
    """
    rate = read_rate(folder, rate_hz)
    files = _files(folder, recording)
    first = min(files)
    if max(files) - first >= MAX_PICTURES:
        raise InputError(f"picture numbers in {folder}", (first, max(files)), f"at most {MAX_PICTURES} apart",
                         "Cut the video into parts, and number its pictures one by one.")
    raw = np.zeros((max(files) - first + 1, NUM_KEYPOINTS, 3))
    last_neck: Array | None = None
    torn: list[InputError] = []
    for number, path in sorted(files.items()):
        try:
            person = _choose(read_people(path), last_neck)
        except InputError as error:
            torn.append(error)
            if len(torn) > max(float(len(files) >= FEWEST_FILES), MAX_TORN_SHARE * len(files)):
                raise torn[0] from None
            continue
        if person is not None:
            raw[number - first] = person
            last_neck = person[0, :2] if person[0, 2] >= MIN_CONFIDENCE else last_neck
    known = raw[..., 2] >= MIN_CONFIDENCE
    body, hands = known[:, :7], known[:, 7:]
    if not body.any(axis=0).all():
        missing = [name for name in BODY_NUMBERS if not known[:, KEYPOINT_INDEX[name]].any()]
        raise InputError(f"keypoints in {folder}", f"never detected: {missing}",
                         "neck and both arms detected at least once",
                         "Use a video that shows the upper body of the speaker.")
    filled = fill_gaps(raw, rate)
    return KeypointTrack(_resample(filled, rate), len(raw) / rate, float(body.all(axis=1).mean()),
                         float(hands.all(axis=1).mean()),
                         tuple(f"a picture of {len(files)} is bridged: {error}" for error in torn))


def _files(folder: Path, recording: str) -> dict[int, Path]:
    """Return the files of a recording by picture number."""
    recordings = group_pictures(path.name for path in folder.glob("*.json"))
    if not recordings or (recording and recording not in recordings):
        raise InputError(f"OpenPose files in {folder}", sorted(recordings), "<name>_<number>_keypoints.json",
                         "Run OpenPose with --write_json and --hand.")
    chosen = recording or max(recordings, key=lambda name: len(recordings[name]))
    others = sorted(name for name, pictures in recordings.items() if name != chosen and len(pictures) > 1)
    if others and not recording:
        raise InputError(f"recordings in {folder}", [chosen, *others], "one", "Give each a folder of its own.")
    return {number: folder / name for number, name in recordings[chosen].items()}


def fill_gaps(raw: Array, rate_hz: float) -> Array:
    """Interpolate missing keypoints of (T, 49, 3); every body keypoint must have been detected at least once."""
    out = np.array(raw, dtype=np.float64)
    for i in range(7):
        _fill(out[:, i], rate_hz)
    for side in ("left", "right"):
        wrist = out[:, KEYPOINT_INDEX[f"{side}_wrist"]].copy()
        first = KEYPOINT_INDEX[f"{side}_hand_root"]
        for i in range(first, first + HAND_POINTS):
            out[:, i, :2] -= wrist[:, :2]
            _fill(out[:, i], rate_hz)
            out[:, i, :2] += wrist[:, :2]
    return out


def _fill(track: Array, rate_hz: float) -> None:
    """Interpolate one keypoint (T, 3) in place; one that is never detected is put at the origin with confidence 0."""
    detected = np.flatnonzero(track[:, 2] >= MIN_CONFIDENCE)
    if len(detected) == 0:
        track[:] = 0.0
        return
    everywhere = np.arange(len(track))
    after = np.searchsorted(detected, everywhere)
    left, right = detected[np.clip(after - 1, 0, len(detected) - 1)], detected[np.clip(after, 0, len(detected) - 1)]
    inside = (after > 0) & (after < len(detected))
    short = inside & (right - left - 1 <= LONGEST_GAP_S * rate_hz)
    undetected = track[:, 2] < MIN_CONFIDENCE
    confidence = track[:, 2].copy()
    for axis in (0, 1):
        track[:, axis] = np.interp(everywhere, detected, track[detected, axis])
    lower = np.minimum(confidence[left], confidence[right])
    track[undetected, 2] = np.where(short, MIN_CONFIDENCE * lower, 0.0)[undetected]


def _resample(keypoints: Array, rate_hz: float) -> npt.NDArray[np.float32]:
    """Resample to 15 Hz: positions linear in time, the lower confidence of both neighbours."""
    count = round(len(keypoints) / rate_hz * KEYPOINT_RATE)
    place = np.minimum(np.arange(count) * rate_hz / KEYPOINT_RATE, len(keypoints) - 1)
    before = np.floor(place).astype(int)
    after = np.minimum(before + 1, len(keypoints) - 1)
    share = (place - before)[:, None, None]
    out = keypoints[before] * (1 - share) + keypoints[after] * share
    out[..., 2] = np.minimum(keypoints[before, :, 2], np.where(share[..., 0] > 0, keypoints[after, :, 2], np.inf))
    return np.asarray(out, dtype=np.float32)


def read_rate(folder: Path, rate_hz: float | None = None) -> float:
    """Return the pictures per second that are given, or those of rate_hz.txt.

    Raises:
        InputError: If there are none, or too few.
    """
    path = folder / RATE_FILE
    if rate_hz is None and path.is_file():
        text = read_bounded(path, MAX_RATE_FILE_BYTES, "file of the rate").decode("utf-8-sig", errors="replace").strip()
        try:
            rate_hz = float(text)
        except ValueError:
            raise InputError(f"content of {path}", text, "a number: pictures per second", "Correct it.") from None
    if rate_hz is None or not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ:
        raise InputError(f"pictures per second of {folder}", rate_hz, f"{MIN_RATE_HZ:g} or more",
                         f"Give the rate of the video, or write it into {RATE_FILE} beside the files.")
    return rate_hz


def _choose(people: list[Array], last_neck: Array | None) -> Array | None:
    """Return the person with the highest confidence, or the one nearest to the last position of the neck."""
    near = [person for person in people if person[0, 2] >= MIN_CONFIDENCE]
    if last_neck is not None and near:
        return min(near, key=lambda person: float(np.hypot(*(person[0, :2] - last_neck))))
    return max(people, key=lambda person: float(person[:7, 2].sum()), default=None)
