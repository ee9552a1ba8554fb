"""Acceptance criteria of the motion: agreement with composed motion, effect of the codes, traces of its making."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.evaluation.acceptance.comparisons import largest_step, mean_distance, phase_depth, speeds_at
from speech_gesture_ros.evaluation.acceptance.results import Criterion, registered_criterion
from speech_gesture_ros.evaluation.acceptance.trials import ComposedReference, Motion, OfflineModel, Trial
from speech_gesture_ros.evaluation.kinematics import wrist_speeds, wrists
from speech_gesture_ros.evaluation.metrics.motion_metrics import LIKE_PEOPLE
from speech_gesture_ros.evaluation.metrics.motion_set import MotionClip, MotionSet
from speech_gesture_ros.evaluation.metrics.ratios import pooled_correlation
from speech_gesture_ros.evaluation.speech_analysis import SpeechAnalysis
from speech_gesture_ros.networks.speech_to_motion.code_sampler import CodeFrames

SKIPPED_FRAMES = 12  # at the beginning: not compared, the network's state is empty there
NUM_SEEDS = 4
NUM_SHUFFLES = 20
SPEECH_MARGIN_S = 0.5  # around the speech that is compared with people: added silence is no pause


def likeness_criteria(generated: Sequence[Motion], composed: Sequence[Motion], skeleton: Skeleton) -> list[Criterion]:
    """Return ratios to the reference: the motion that was composed from the whole recording."""
    motions = MotionSet([MotionClip.of(made[SKIPPED_FRAMES:], recorded=wanted[SKIPPED_FRAMES:])
                         for made, wanted in zip(generated, composed)], skeleton)
    bounds = {"variance_ratio": (0.85, 1.15), "wrist_correlation": (0.87, math.inf), "speed_ratio": (0.9, 1.1),
              "acceleration_ratio": (0.9, 1.1), "jerk_ratio": (0.0, 1.4)}
    return [registered_criterion(name, motions, *bound) for name, bound in bounds.items()]


def choice_criteria(trials: Sequence[Trial], generated: Sequence[Motion], model: OfflineModel,
                    reference: ComposedReference) -> list[Criterion]:
    """Return the effects of seeds, mirrored codes and activity."""
    skeleton = model.bundle.skeleton
    trial, motion = max(zip(trials, generated), key=lambda pair: len(pair[1]))
    again = model.generate(trial.samples, trial.codes)
    mirrored = skeleton.mirror(model.generate(trial.samples, mirror_codes(trial.codes, reference)))
    hands = wrists(motion, skeleton)
    others = [wrists(model.generate(trial.samples, model.draw_codes(len(motion), 1000 + s)), skeleton)
              for s in range(NUM_SEEDS)]
    pairs = [(a, b) for i, a in enumerate(others) for b in others[:i]]
    spoken = trial.accents.speech[:len(motion)]

    def speed(activity: float) -> float:
        codes = CodeFrames(trial.codes.code, trial.codes.next_code, trial.codes.phase, trial.codes.remaining,
                           trial.codes.variation, np.full(len(motion), activity, np.float32))
        changed = model.generate(trial.samples, codes)
        return float(wrist_speeds(wrists(changed, skeleton))[spoken].mean())

    usual = speed(1.0)
    return [
        Criterion("same seed, same sound: largest difference [m]", float(np.abs(again - motion).max()), 0.0, 0.0),
        Criterion("other seeds: wrist r between them", float(np.mean([pooled_correlation([a], [b]) for a, b in pairs])),
                  -1.0, 0.5, f"mean distance {100 * np.mean([mean_distance(a, b) for a, b in pairs]):.1f} cm"),
        Criterion("mirrored codes, mirrored back: wrist r", pooled_correlation([wrists(mirrored, skeleton)], [hands]),
                  0.95, 1.0, f"mean distance {100 * mean_distance(wrists(mirrored, skeleton), hands):.1f} cm"),
        Criterion("wrist speed at activity 0, over activity 1", speed(0.0) / usual, 0.0, 0.25),
        Criterion("wrist speed at activity 0.5, over activity 1", speed(0.5) / usual, 0.25, 0.75),
        Criterion("wrist speed at activity 1.5, over activity 1", speed(1.5) / usual, 1.1, 2.0),
    ]


def mirror_codes(codes: CodeFrames, reference: ComposedReference) -> CodeFrames:
    """Return the codes of the mirror image."""
    return CodeFrames(codes.code ^ 1, codes.next_code ^ 1, codes.phase, codes.remaining,
                      reference.mirror_variation(codes.variation), codes.activity)


def artefact_criteria(trials: Sequence[Trial], generated: Sequence[Motion], composed: Sequence[Motion],
                      model: OfflineModel) -> list[Criterion]:
    """Return traces of how the motion was made: the period of the codes, and a step at the accent threshold."""
    skeleton = model.bundle.skeleton
    speeds, composed_speeds = ([wrist_speeds(wrists(m, skeleton)) for m in motions]
                               for motions in (generated, composed))
    spoken = [t.accents.speech for t in trials]
    inside = [s[talk] for s, talk in zip(speeds, spoken)]
    phases = [t.codes.phase[talk] for t, talk in zip(trials, spoken)]
    depth = phase_depth(inside, phases)
    composed_depth = phase_depth([s[talk] for s, talk in zip(composed_speeds, spoken)], phases)
    shuffled = [phase_depth(inside, [model.draw_codes(len(talk), 5000 + 100 * n + i).phase[talk]
                                     for i, talk in enumerate(spoken)]) for n in range(NUM_SHUFFLES)]
    prominence = np.concatenate([t.accents.prominence for t in trials])
    steps = [largest_step(np.concatenate([speeds_at(s, t.accents.times_s) for s, t in zip(courses, trials)]),
                          prominence) for courses in (speeds, composed_speeds)]
    return [
        Criterion("wrist speed by phase of the codes: spread over mean", depth, 0.0,
                  float(np.percentile(shuffled, 95)),
                  f"composed motion {composed_depth:.3f}, unrelated codes {np.mean(shuffled):.3f}"),
        Criterion("stroke speed between neighbouring prominences: largest step over mean", steps[0], 0.0, 0.35,
                  f"composed motion {steps[1]:.2f}"),
    ]


def beside_people(trials: Sequence[Trial], generated: Sequence[Motion], model: OfflineModel) -> dict[str, float]:
    """Return the `LIKE_PEOPLE` metrics of the motion from just before the first word to just after the last."""
    margin = round(SPEECH_MARGIN_S * POSE_RATE)
    talks = []
    for trial, motion in zip(trials, generated):
        spoken = np.flatnonzero(trial.accents.speech)
        if len(spoken):
            part = slice(max(0, int(spoken[0]) - margin), int(spoken[-1]) + 1 + margin)
            speech = SpeechAnalysis.of_accents(trial.accents)
            talks.append(MotionClip(motion[part], dataclasses.replace(speech, is_speech=speech.is_speech[part])))
    motions = MotionSet([talk for talk in talks if len(talk.joint_xyz) >= POSE_RATE], model.bundle.skeleton)
    return {metric.name: motions.value(metric) for metric in LIKE_PEOPLE}
