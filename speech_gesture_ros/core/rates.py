"""Rates of all streams, defined once.

    16 000 Hz samples ──► 100 Hz feature frames ──► 25 Hz pose frames ──► 50 Hz control knots
           160 samples a feature frame    4 feature frames a pose frame    2 knots a pose frame
                                          2 feature frames a face frame (50 Hz)

Index n of a grid is at stream time n / rate; stream time 0 is the first sample.
"""

from __future__ import annotations

SAMPLE_RATE = 16_000  # [Hz] mono float32 in [-1, 1]
FEATURE_RATE = 100  # [Hz]
POSE_RATE = 25  # [Hz]
KNOT_RATE = 50  # [Hz] knots of published windows
FACE_RATE = 50  # [Hz] frames of the face

SAMPLES_PER_FEATURE = SAMPLE_RATE // FEATURE_RATE  # 160
FEATURES_PER_POSE = FEATURE_RATE // POSE_RATE  # 4
SAMPLES_PER_POSE = SAMPLE_RATE // POSE_RATE  # 640
FEATURES_PER_FACE = FEATURE_RATE // FACE_RATE  # 2
SAMPLES_PER_FACE = SAMPLE_RATE // FACE_RATE  # 320
KNOTS_PER_POSE = KNOT_RATE // POSE_RATE  # 2
