"""Labels of an outside judge of gestures in video for the films of `draw_judge_films.py`.

    python3.11 -m venv build/judge/venv && build/judge/venv/bin/pip install envisionhgdetector==3.0.8
    build/judge/venv/bin/python tools/judge_gestures.py build/judge/*.mp4

envisionhgdetector (MIT) labels each picture from the second before it: pose by MediaPipe, then two classifiers that
were trained on annotated recordings of people: a network (no gesture, gesture, other movement) and trees (no gesture,
gesture). Its versions of numpy and pandas exclude those of this package, so it has an environment of its own. One
line for each film: seconds judged, shares of pictures in which a person is seen, in which the network sees a gesture
or another movement, and in which the trees see a gesture, with the thresholds that the package sets (0.5).
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from envisionhgdetector import CombinedConfig, CombinedGestureModel
from envisionhgdetector.model_combined import extract_lgbm_features

RATE = 25.0  # [Hz]


def judge(path: Path) -> str:
    """Return the line of one film at 25 Hz; predictions as `CombinedGestureModel.predict_video`, computed at once."""
    config = CombinedConfig()
    model = CombinedGestureModel(config)  # a new one: MediaPipe follows a person from picture to picture
    film = cv2.VideoCapture(str(path))
    poses = []
    while (picture := film.read())[0]:
        poses.append(model.extract_world_landmarks(picture[1]))
    seen = np.array([pose for pose in poses if pose is not None])
    length, short = config.cnn_seq_length, config.lgbm_window_size
    if len(seen) < length:
        return f"{path.stem} seen={len(seen) / len(poses):.2f}"
    windows = np.lib.stride_tricks.sliding_window_view(seen, length, axis=0).transpose(0, 2, 1)
    moves, gesture, other = model.cnn_model.predict(np.ascontiguousarray(windows), verbose=0).T
    is_moving = moves >= config.cnn_motion_threshold
    features = model.lgbm_scaler.transform(extract_lgbm_features(seen[length - short:], short, 1))
    trees = np.asarray(model.lgbm_model.predict_proba(features) if hasattr(model.lgbm_model, "predict_proba")
                       else model.lgbm_model.predict(features))[:, 0]
    shares = {"seen": len(seen) / len(poses), "network": np.mean(is_moving & (gesture > other)),
              "movement": np.mean(is_moving & (gesture <= other)), "trees": np.mean(trees >= config.lgbm_threshold)}
    return f"{path.stem} judged_s={len(windows) / RATE:.1f} " + " ".join(f"{k}={v:.3f}" for k, v in shares.items())


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        sys.stdout.write(judge(Path(argument)) + "\n")
        sys.stdout.flush()
