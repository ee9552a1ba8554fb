"""A film of a drawn person of 32 pixels, a network with random weights, and a film file with keypoints beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from speech_gesture_ros.core.person_keypoints import BODY_INDEX, HANDS, NUM_PERSON_POINTS

SIZE = 32


def moving_person(count: int, size: int = SIZE) -> np.ndarray:
    """(T, 137, 3) keypoints [pixels]: both hands move on ellipses before the body."""
    t = np.arange(count) / 25
    person = np.zeros((count, NUM_PERSON_POINTS, 3), np.float32)
    places = {"neck": (0.5, 0.3), "nose": (0.5, 0.18), "mid_hip": (0.5, 0.75)}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        places[f"{side}_shoulder"] = (0.5 + 0.14 * sign, 0.32)
        places[f"{side}_elbow"] = (0.5 + 0.2 * sign, 0.5)
        x = 0.5 + sign * (0.16 + 0.1 * np.cos(2 * np.pi * (0.7 + 0.2 * sign) * t))
        places[f"{side}_wrist"] = (x, 0.6 + 0.15 * np.sin(2 * np.pi * 0.8 * t + sign))
    for name, (x, y) in places.items():
        person[:, BODY_INDEX[name]] = np.stack(np.broadcast_arrays(x * size, y * size, 1.0), axis=-1)
    for side, hand in HANDS.items():
        person[:, hand] = person[:, [BODY_INDEX[f"{side}_wrist"]]]
        person[:, hand, 1] += np.linspace(0, 0.08 * size, 21)
    return person


def picture_of(person: np.ndarray, size: int = SIZE) -> np.ndarray:
    """(size, size, 3) the person with (137, 3) keypoints before a wall with a gradient."""
    rows = np.linspace(90, 180, size)[:, None, None] * np.ones((1, size, 3)) * (0.8, 1.0, 1.1)
    canvas = Image.fromarray(rows.clip(0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(canvas)
    at = {name: tuple(person[i, :2]) for name, i in BODY_INDEX.items()}
    x, y = at["nose"]
    draw.rectangle([at["right_shoulder"], (at["left_shoulder"][0], at["mid_hip"][1])], fill=(40, 90, 130))
    draw.ellipse([x - 0.1 * size, y - 0.12 * size, x + 0.1 * size, y + 0.12 * size], fill=(220, 170, 140))
    for side in ("left", "right"):
        draw.line([at[f"{side}_shoulder"], at[f"{side}_elbow"], at[f"{side}_wrist"]], fill=(200, 60, 50),
                  width=max(2, size // 12))
    return np.asarray(canvas)


def write_person_film(folder: Path, count: int, size: int = SIZE) -> Path:
    """Write talk.mp4 and talk.npz; return the film."""
    from speech_gesture_ros.datasets.person_files import write_person
    from speech_gesture_ros.rendering.video import write_video

    person = moving_person(count, size)
    film = folder / "talk.mp4"
    write_video(film, (picture_of(keypoints, size) for keypoints in person), np.zeros(16), 16_000)
    write_person(film.with_suffix(".npz"), person, (size, size))
    return film


def small_video_bundle() -> object:
    """A tiny network with random weights."""
    import torch

    from speech_gesture_ros.networks.video.bundle import VideoBundle
    from speech_gesture_ros.networks.video.network import PersonGenerator
    from speech_gesture_ros.networks.video.network_config import VideoNetworkConfig
    from speech_gesture_ros.rendering.person_fit import visible_lengths

    torch.manual_seed(3)
    config = VideoNetworkConfig(SIZE, (4, 8), 4)
    network = PersonGenerator(config)
    for value in network.parameters():
        torch.nn.init.normal_(value, std=0.3)
    person = moving_person(50)
    background = np.full((SIZE, SIZE, 3), 0.5, np.float32)
    return VideoBundle("tiny", config, background, np.median(person, axis=0).astype(np.float32),
                       visible_lengths(person).astype(np.float32),
                       {name: value.numpy() for name, value in network.state_dict().items()}, "# tiny")


def keypoint_pictures() -> np.ndarray:
    """(T, 32, 32, 3) float32 pictures of the keypoints of the moving person, in [0, 1]."""
    from speech_gesture_ros.rendering.keypoint_pictures import draw_keypoints

    return np.stack([draw_keypoints(person, SIZE) for person in moving_person(40)]).astype(np.float32) / 255
