"""Figures of motion, one idea a file: pure formulas on (T, J, 3) positions in metres, the frame rate beside them."""

from speech_gesture_ros.evaluation.metrics.apex_excess import ApexExcess, apex_excess
from speech_gesture_ros.evaluation.metrics.beats import (
    beat_align,
    beat_consistency,
    metronome_consistency,
    motion_beats,
    motion_beats_per_second,
)
from speech_gesture_ros.evaluation.metrics.cca import canonical_correlations, cca_correlation
from speech_gesture_ros.evaluation.metrics.derivatives import acceleration_difference, mean_derivative
from speech_gesture_ros.evaluation.metrics.diversity import l1_diversity, multimodality
from speech_gesture_ros.evaluation.metrics.frechet import GestureWindows, frechet_distance, frechet_gesture_distance
from speech_gesture_ros.evaluation.metrics.human import Motion, human_figures
from speech_gesture_ros.evaluation.metrics.human_ranges import DIALOGUE, MONOLOGUE, HumanRange, human_gap, human_share
from speech_gesture_ros.evaluation.metrics.onsets import onset_strength, onset_times
from speech_gesture_ros.evaluation.metrics.pck import pck, seen_from_front
from speech_gesture_ros.evaluation.metrics.position_error import ape, mae
from speech_gesture_ros.evaluation.metrics.speed_histogram import frame_histogram, hellinger, speed_histogram
from speech_gesture_ros.evaluation.metrics.srgr import srgr

__all__ = [
    "DIALOGUE", "MONOLOGUE", "ApexExcess", "GestureWindows", "HumanRange", "Motion", "acceleration_difference", "ape",
    "apex_excess", "beat_align", "beat_consistency", "canonical_correlations", "cca_correlation", "frame_histogram",
    "frechet_distance", "frechet_gesture_distance", "hellinger", "human_figures", "human_gap", "human_share",
    "l1_diversity", "mae", "mean_derivative", "metronome_consistency", "motion_beats", "motion_beats_per_second",
    "multimodality", "onset_strength", "onset_times", "pck", "seen_from_front", "speed_histogram", "srgr",
]
