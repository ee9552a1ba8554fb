"""Every metric is registered once, with all that a table needs."""

from __future__ import annotations

from speech_gesture_ros.evaluation.metrics.metric import MATCH, NOTHING, PROVES
from speech_gesture_ros.evaluation.metrics.motion_metrics import MOTION_METRICS
from speech_gesture_ros.evaluation.metrics.registry import METRICS
from speech_gesture_ros.evaluation.metrics.robot_metrics import ROBOT_METRICS


def test_names_and_labels_are_unique() -> None:
    assert len(METRICS) == len(MOTION_METRICS) + len(ROBOT_METRICS)
    labels = [metric.label for metric in METRICS.values()]
    assert len(set(labels)) == len(labels)


def test_every_metric_states_what_it_proves() -> None:
    assert {metric.proves for metric in METRICS.values()} <= PROVES.keys()
    assert {METRICS[name].proves for name in ("ape", "srgr", "cca", "beat_consistency")} == {NOTHING}
    assert all(metric.proves == MATCH for name, metric in METRICS.items()
               if name in ("apex_excess", "apex_z") or name.startswith("match"))


def test_key_metrics_are_about_a_dozen_and_prove_something() -> None:
    key = [metric for metric in METRICS.values() if metric.is_key]
    assert 10 <= len(key) <= 14
    assert all(metric.proves != NOTHING for metric in key)
