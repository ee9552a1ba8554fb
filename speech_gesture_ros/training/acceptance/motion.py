"""Promises about the motion itself: like the choreographer's, as the codes choose, without traces of its making."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.core.skeleton import Skeleton
from speech_gesture_ros.evaluation.kinematics import wrist_speeds, wrists
from speech_gesture_ros.evaluation.metrics.human import Motion as HumanMotion
from speech_gesture_ros.evaluation.metrics.human import human_figures
from speech_gesture_ros.networks.speech_to_motion.code_sampler import CodeFrames
from speech_gesture_ros.training.acceptance.results import Figure
from speech_gesture_ros.training.choreography.targets import mirror_variation
from speech_gesture_ros.training.comparisons import (
    derivative_ratio,
    largest_step,
    mean_distance,
    phase_depth,
    pooled_r,
    speeds_at,
    variance_ratio,
)
from speech_gesture_ros.training.trials import Motion, Performer, Trial

FIRST = 12  # frames at the beginning that count for neither side
SEEDS = 4
SHUFFLES = 20
AROUND_S = 0.5  # of the speech that is laid beside people: silence put around a recording is no pause


def likeness_figures(made: Sequence[Motion], wanted: Sequence[Motion], skeleton: Skeleton) -> list[Figure]:
    """Ratios to the motion that was composed with the whole recording known."""
    hands, wanted_hands = ([wrists(m[FIRST:], skeleton) for m in motions] for motions in (made, wanted))
    return [
        Figure("variance, over the choreographer's", variance_ratio(hands, wanted_hands), 0.85, 1.15),
        Figure("wrist r with the choreographer", pooled_r(hands, wanted_hands), 0.87),
        Figure("speed ratio", derivative_ratio(hands, wanted_hands, 1), 0.9, 1.1),
        Figure("acceleration ratio", derivative_ratio(hands, wanted_hands, 2), 0.9, 1.1),
        Figure("jerk ratio", derivative_ratio(hands, wanted_hands, 3), 0.0, 1.4),
    ]


def choice_figures(trials: Sequence[Trial], made: Sequence[Motion], performer: Performer) -> list[Figure]:
    """Seeds, mirror images and activity."""
    skeleton = performer.bundle.skeleton
    trial, motion = max(zip(trials, made), key=lambda pair: len(pair[1]))
    again = performer.perform(trial.samples, trial.codes)
    mirrored = skeleton.mirror(performer.perform(trial.samples, mirror_codes(trial.codes)))
    hands = wrists(motion, skeleton)
    others = [wrists(performer.perform(trial.samples, performer.draw_codes(len(motion), 1000 + s)), skeleton)
              for s in range(SEEDS)]
    pairs = [(a, b) for i, a in enumerate(others) for b in others[:i]]
    spoken = trial.accents.speech[:len(motion)]

    def speed(activity: float) -> float:
        codes = CodeFrames(trial.codes.code, trial.codes.next_code, trial.codes.phase, trial.codes.remaining,
                           trial.codes.variation, np.full(len(motion), activity, np.float32))
        lively = performer.perform(trial.samples, codes)
        return float(wrist_speeds(wrists(lively, skeleton))[spoken].mean())

    usual = speed(1.0)
    return [
        Figure("same seed, same sound: largest difference [m]", float(np.abs(again - motion).max()), 0.0, 0.0),
        Figure("other seeds: wrist r between them", float(np.mean([pooled_r([a], [b]) for a, b in pairs])), -1.0, 0.5,
               f"mean distance {100 * np.mean([mean_distance(a, b) for a, b in pairs]):.1f} cm"),
        Figure("mirrored codes, mirrored back: wrist r", pooled_r([wrists(mirrored, skeleton)], [hands]), 0.95, 1.0,
               f"mean distance {100 * mean_distance(wrists(mirrored, skeleton), hands):.1f} cm"),
        Figure("wrist speed at activity 0, over activity 1", speed(0.0) / usual, 0.0, 0.25),
        Figure("wrist speed at activity 0.5, over activity 1", speed(0.5) / usual, 0.25, 0.75),
        Figure("wrist speed at activity 1.5, over activity 1", speed(1.5) / usual, 1.1, 2.0),
    ]


def mirror_codes(codes: CodeFrames) -> CodeFrames:
    """The codes of the mirror image."""
    return CodeFrames(codes.code ^ 1, codes.next_code ^ 1, codes.phase, codes.remaining,
                      mirror_variation(codes.variation), codes.activity)


def artefact_figures(trials: Sequence[Trial], made: Sequence[Motion], wanted: Sequence[Motion],
               performer: Performer) -> list[Figure]:
    """Traces of how the motion was made: the code clock, and switches at the accent threshold."""
    skeleton = performer.bundle.skeleton
    speeds, wanted_speeds = ([wrist_speeds(wrists(m, skeleton)) for m in motions] for motions in (made, wanted))
    spoken = [t.accents.speech for t in trials]
    inside = [s[talk] for s, talk in zip(speeds, spoken)]
    phases = [t.codes.phase[talk] for t, talk in zip(trials, spoken)]
    depth = phase_depth(inside, phases)
    wanted_depth = phase_depth([s[talk] for s, talk in zip(wanted_speeds, spoken)], phases)
    shuffled = [phase_depth(inside, [performer.draw_codes(len(talk), 5000 + 100 * n + i).phase[talk]
                                     for i, talk in enumerate(spoken)]) for n in range(SHUFFLES)]
    prominence = np.concatenate([t.accents.prominence for t in trials])
    steps = [largest_step(np.concatenate([speeds_at(s, t.accents.times_s) for s, t in zip(courses, trials)]),
                          prominence) for courses in (speeds, wanted_speeds)]
    return [
        Figure("wrist speed by phase of the codes: spread over mean", depth, 0.0,
               float(np.percentile(shuffled, 95)),
               f"choreographer {wanted_depth:.3f}, unrelated codes {np.mean(shuffled):.3f}"),
        Figure("stroke speed between neighbouring prominences: largest step over mean", steps[0], 0.0, 0.35,
               f"choreographer {steps[1]:.2f}"),
    ]


def beside_people(trials: Sequence[Trial], made: Sequence[Motion], performer: Performer) -> dict[str, float]:
    """Figures of people, of the motion from just before the first word to just after the last."""
    around = round(AROUND_S * POSE_RATE)
    talks = []
    for trial, motion in zip(trials, made):
        spoken = np.flatnonzero(trial.accents.speech)
        if len(spoken):
            part = slice(max(0, int(spoken[0]) - around), int(spoken[-1]) + 1 + around)
            talks.append(HumanMotion(motion[part], trial.accents.speech[part]))
    return human_figures([t for t in talks if len(t.joint_xyz) >= POSE_RATE], POSE_RATE, performer.bundle.skeleton)
