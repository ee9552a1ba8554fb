"""Laws of human strokes: the distributions that the stroke process draws from.

Intervals and lengths are log-normal, and a longer stroke lasts a little longer: measured on recorded talks and stories
(BEAT2, ZeroEGGS, TED; 5 minutes) and a task dialogue. Values that cannot be measured directly were fitted until the
motion had the statistics of these people (`evaluation.metrics.motion_metrics`).
"""

from __future__ import annotations

from dataclasses import dataclass

from speech_gesture_ros.core.errors import ConfigError

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class PhraseLaws:
    """Sequence of strokes, holds and rests. A spread is the standard deviation of a logarithm.

    Attributes:
        interval_s: Median interval between the fastest points of two strokes [s].
        interval_spread: Its spread.
        strokes: Mean number of strokes in a phrase.
        hold: Share of the phrases that end in a hold; after the others the hands go to rest.
        hold_s: Median length of a hold [s].
        hold_spread: Its spread.
        rest_s: Median time at rest between phrases of continuous speech [s].
        rest_spread: Its spread.
        pause: Share of the strokes that are made in pauses of the speech.
        patience_s: Shortest and longest pause after which the hands go to rest [s].
        lock_window_s: Longest time that a stroke waits for an accent, if it is to be pulled to one [s].
        lock_lead_s: Time of the fastest point of a pulled stroke before its accent [s].
        lock_spread_s: Standard deviation of that [s].
    """

    interval_s: float = 0.09
    interval_spread: float = 0.6
    strokes: float = 10.0
    hold: float = 0.9
    hold_s: float = 1.3
    hold_spread: float = 0.477
    rest_s: float = 0.36
    rest_spread: float = 0.806
    pause: float = 0.42
    patience_s: tuple[float, float] = (0.6, 1.4)
    lock_window_s: float = 0.6
    lock_lead_s: float = 0.05
    lock_spread_s: float = 0.04

    def __post_init__(self) -> None:
        for name in ("interval_s", "strokes", "hold_s", "rest_s"):
            if not getattr(self, name) > 0.0:
                raise ConfigError(f"{name} of the phrase laws", getattr(self, name), "above 0", "Correct it.")
        for name in ("hold", "pause"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ConfigError(f"{name} of the phrase laws", getattr(self, name), "0 to 1", "Correct it.")


@dataclass(frozen=True)
class ReachLaws:
    """Strokes of the hands: how far, how fast, where, and how the hands share them.

    Attributes:
        length_m: Median length [m].
        length_spread: Standard deviation of its logarithm.
        duration_s: Duration of a stroke of 1 m [s].
        duration_power: Exponent of the length in the duration.
        duration_spread: Standard deviation of the logarithm of the duration about that.
        aim: Weight of the direction to the next place of the template in the choice of a stroke's direction.
        flow: Weight against strokes that reverse the one before.
        place_spread_m: Standard deviation of a stroke's aim about the place of its template [m].
        level_spread_m: Standard deviation of the height of a phrase over that of its template [m].
        two_handed: Share of the phrases in which both hands gesture.
        follow: Share of the leading hand's stroke that the other hand makes in these, lowest and highest.
        together: Share of the leading hand's direction in that of the other hand, 0 to 1.
        trail: Share of the stroke that the idle hand makes in one-handed phrases, lowest and highest.
        hanging: Share of the idle hands that hang beside the body; the others rest before the belly.
        palm_spread: Standard deviation of the palm's angle about that of the template [rad].
        hand_spread: The same of flexion and deviation [rad].
        swivel_spread: The same of the elbow [rad].
        lift_spread_m: Standard deviation of the lift of the shoulders [m].
    """

    length_m: float = 0.24
    length_spread: float = 0.65
    duration_s: float = 0.83
    duration_power: float = 0.467
    duration_spread: float = 0.35
    aim: float = 0.3
    flow: float = 0.805
    place_spread_m: float = 0.03
    level_spread_m: float = 0.0677
    two_handed: float = 0.704
    follow: tuple[float, float] = (0.55, 1.1)
    together: float = 0.454
    trail: tuple[float, float] = (0.05, 0.3)
    hanging: float = 0.645
    palm_spread: float = 1.3
    hand_spread: float = 0.6
    swivel_spread: float = 0.344
    lift_spread_m: float = 0.00461

    def __post_init__(self) -> None:
        for name in ("length_m", "duration_s"):
            if not getattr(self, name) > 0.0:
                raise ConfigError(f"{name} of the reach laws", getattr(self, name), "above 0", "Correct it.")
        for name in ("two_handed", "together", "hanging"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ConfigError(f"{name} of the reach laws", getattr(self, name), "0 to 1", "Correct it.")


@dataclass(frozen=True)
class BodyLaws:
    """Turns of torso and head, drift of raised hands, posture; each changes at intervals of its own.

    Attributes:
        torso_interval_s: Median interval between turns of the torso [s].
        torso_spread: Standard deviations of its yaw, pitch and roll about the posture [rad].
        head_interval_s: The same of the head [s].
        head_spread: The same of the head [rad].
        turn_s: Shortest and longest duration of a turn [s].
        posture_interval_s: Median interval between changes of the posture [s].
        posture_spread: Standard deviations of its torso yaw, pitch and roll [rad].
        drift_interval_s: Median interval between changes of the drift [s].
        drift_m: Length of one drift of a raised hand [m].
    """

    torso_interval_s: float = 0.449
    torso_spread: Triple = (0.193, 0.0866, 0.108)
    head_interval_s: float = 0.55
    head_spread: Triple = (0.206, 0.135, 0.0431)
    turn_s: tuple[float, float] = (0.5, 1.1)
    posture_interval_s: float = 12.0
    posture_spread: Triple = (0.11, 0.06, 0.06)
    drift_interval_s: float = 0.4
    drift_m: float = 0.08


@dataclass(frozen=True)
class StrokeLaws:
    """All laws at activity 1."""

    phrases: PhraseLaws = PhraseLaws()
    reaches: ReachLaws = ReachLaws()
    body: BodyLaws = BodyLaws()
