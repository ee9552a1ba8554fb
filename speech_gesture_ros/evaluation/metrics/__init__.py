"""Metrics of motion: formulas, one idea a file, and the registry of all metrics (`metrics.registry`).

Formulas take (T, J, 3) positions in metres, with the frame rate as an argument.
"""

from speech_gesture_ros.evaluation.metrics.apex_excess import ApexExcess, apex_excess
from speech_gesture_ros.evaluation.metrics.apex_timing import ApexTiming, apex_timing
from speech_gesture_ros.evaluation.metrics.beats import (
    beat_align,
    beat_consistency,
    metronome_consistency,
    motion_beats,
    motion_beats_per_second,
)
from speech_gesture_ros.evaluation.metrics.cca import canonical_correlations, cca_correlation
from speech_gesture_ros.evaluation.metrics.derivatives import mean_derivative
from speech_gesture_ros.evaluation.metrics.diversity import l1_diversity, multimodality
from speech_gesture_ros.evaluation.metrics.frechet import GestureWindows, frechet_distance, frechet_gesture_distance
from speech_gesture_ros.evaluation.metrics.onsets import onset_strength, onset_times
from speech_gesture_ros.evaluation.metrics.pck import pck, seen_from_front
from speech_gesture_ros.evaluation.metrics.position_error import ape, mae
from speech_gesture_ros.evaluation.metrics.ratios import derivative_ratio, pooled_correlation, variance_ratio
from speech_gesture_ros.evaluation.metrics.speed_histogram import frame_histogram, hellinger, speed_histogram
from speech_gesture_ros.evaluation.metrics.srgr import srgr

__all__ = [
    "ApexExcess", "ApexTiming", "GestureWindows", "ape", "apex_excess", "apex_timing", "beat_align", "beat_consistency",
    "canonical_correlations", "cca_correlation", "derivative_ratio", "frame_histogram", "frechet_distance",
    "frechet_gesture_distance", "hellinger", "l1_diversity", "mae", "mean_derivative", "metronome_consistency",
    "motion_beats", "motion_beats_per_second", "multimodality", "onset_strength", "onset_times", "pck",
    "pooled_correlation", "seen_from_front", "speed_histogram", "srgr", "variance_ratio",
]
