"""What the default model promises, measured: one table of figures with the bound of each, and one beside people.

    recordings of speakers never heard ─┬─► choreographer, codes of seed i ─► wanted ─┐
                                        ├─► the bundle, codes of seed i    ─► made   ─┴─► ratios, r, timing
                                        ├─► the same, sound changed        ─► changed ──► same motion?
                                        └─► other seeds, mirrored codes, other activity
    silence, noise, music ─► the bundle, bare and behind the voice gate ─► calm?

The choreographer hears the whole recording; the bundle hears 0.4 s ahead. Music is synthesised: none is in the data.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.core.rates import POSE_RATE, SAMPLE_RATE, SAMPLES_PER_POSE
from speech_gesture_ros.evaluation.kinematics import apex_timing, find_apexes, wrist_speeds, wrists
from speech_gesture_ros.evaluation.metrics.apex_excess import apex_excess
from speech_gesture_ros.evaluation.metrics.human import Motion as HumanMotion
from speech_gesture_ros.evaluation.metrics.human import human_figures
from speech_gesture_ros.evaluation.metrics.human_ranges import MONOLOGUE, gap
from speech_gesture_ros.evaluation.signals import calm_signals
from speech_gesture_ros.networks.bundle import load_bundle
from speech_gesture_ros.networks.code_sampler import CodeFrames
from speech_gesture_ros.training.augmentation import band_limit, coloured_noise, loud_rms
from speech_gesture_ros.training.choreography.choreographer import CODE_PROCESS, perform
from speech_gesture_ros.training.choreography.gestures import mirror_variation
from speech_gesture_ros.training.comparisons import (
    derivative_ratio,
    largest_step,
    mean_distance,
    phase_depth,
    pooled_r,
    speeds_at,
    variance_ratio,
)
from speech_gesture_ros.training.corpus import Samples, list_recordings, read_sound
from speech_gesture_ros.training.preparation import LEAD_S, TAIL_S
from speech_gesture_ros.training.trials import Motion, Performer, Trial, perform_gated

Floats = npt.NDArray[np.float64]

LOOK_AHEAD = 10  # pose frames: 0.4 s
FIRST = 12  # frames at the beginning that count for neither side
SENSITIVITY_S = 360.0  # of speech is enough to see whether changed sound changes the motion
SHIFT_S = 0.02
GAIN_DB = 10.0
SNR_DB = 10.0
SEEDS = 4
SHUFFLES = 20
CALM_S, SETTLED_S = 20.0, 3.0
AROUND_S = 0.5  # of the speech that is laid beside people: silence put around a recording is no pause


@dataclass(frozen=True)
class Figure:
    """One promise.

    Attributes:
        name: What is measured, with its unit.
        value: NaN if it could not be.
        low: Least that is accepted.
        high: Most that is accepted.
        note: What it has to be compared with, such as a control.
    """

    name: str
    value: float
    low: float = -math.inf
    high: float = math.inf
    note: str = ""

    @property
    def met(self) -> bool:
        """Whether the value is within its bounds."""
        return self.low <= self.value <= self.high


@dataclass(frozen=True)
class Acceptance:
    """Everything measured.

    Attributes:
        figures: The promises.
        human: Figures of the motion in speech, named as in `evaluation.metrics.human_ranges`.
        minutes: Speech that was judged [min].
        speakers: Whose.
    """

    figures: tuple[Figure, ...]
    human: dict[str, float]
    minutes: float
    speakers: int

    @property
    def met(self) -> bool:
        """Whether every promise is kept."""
        return all(f.met for f in self.figures)


def measure_acceptance(bundle_folder: Path, data: Path, *, limit_s: float = math.inf) -> Acceptance:
    """Measure a bundle of the default kind on the speakers that it never heard.

    Args:
        bundle_folder: With gesture codes of the choreographer.
        data: The data folder.
        limit_s: Speech to use at most [s].

    Raises:
        InputError: If the bundle's codes are not the choreographer's, or none of the recordings is of a held-out
            speaker.
        BundleError: If the bundle cannot be read.
    """
    bundle = load_bundle(bundle_folder)
    if bundle.codes != CODE_PROCESS:
        raise InputError("codes of the bundle", bundle.codes.names[:3], "those of the choreographer",
                         "Only models of composed motion can be laid beside the choreographer; use the other metrics.")
    performer = Performer(bundle, LOOK_AHEAD)
    recordings = [r for r in list_recordings(data) if r.speaker in bundle.held_out_speakers]
    trials: list[Trial] = []
    for recording in recordings:
        if sum(len(t.samples) for t in trials) / SAMPLE_RATE < limit_s:
            trials.append(performer.trial(with_silence(read_sound(recording.path)), seed=len(trials)))
    if not trials:
        raise InputError("recordings of held-out speakers", bundle.held_out_speakers, "at least one in the data folder",
                         "Give the data folder that the bundle was trained with.")
    made = [performer.perform(t.samples, t.codes) for t in trials]
    wanted = [perform(t.accents, t.codes).joint_xyz for t in trials]
    skeleton = bundle.skeleton
    hands, wanted_hands = ([wrists(m[FIRST:], skeleton) for m in motions] for motions in (made, wanted))
    figures = [
        Figure("variance, over the choreographer's", variance_ratio(hands, wanted_hands), 0.85, 1.15),
        Figure("wrist r with the choreographer", pooled_r(hands, wanted_hands), 0.87),
        Figure("speed ratio", derivative_ratio(hands, wanted_hands, 1), 0.9, 1.1),
        Figure("acceleration ratio", derivative_ratio(hands, wanted_hands, 2), 0.9, 1.1),
        Figure("jerk ratio", derivative_ratio(hands, wanted_hands, 3), 0.0, 1.4),
        *_timing(trials, made, performer),
        *_sensitivity(trials, made, performer),
        *_calm(performer),
        *_choice(trials, made, performer),
        *_artefacts(trials, made, wanted, performer),
    ]
    return Acceptance(tuple(figures), _beside_people(trials, made, performer),
                      sum(len(t.samples) for t in trials) / SAMPLE_RATE / 60, len({r.speaker for r in recordings}))


def acceptance_table(acceptance: Acceptance) -> str:
    """The promises as a Markdown table; what is not kept is marked."""
    lines = [f"{acceptance.minutes:.1f} min of {acceptance.speakers} speakers never heard, look-ahead "
             f"{LOOK_AHEAD / POSE_RATE:g} s, the choreographer's codes.", "", "| figure | measured | bound | kept |",
             "|---|---|---|---|"]
    for f in acceptance.figures:
        note = f" ({f.note})" if f.note else ""
        lines.append(f"| {f.name} | {f.value:.3f}{note} | {_bounds(f.low, f.high)} | {'yes' if f.met else '**no**'} |")
    return "\n".join(lines)


def human_table(acceptance: Acceptance) -> str:
    """The motion beside people as a Markdown table; what is outside the range of people is marked."""
    lines = ["| figure | model | people | accepted | as people |", "|---|---|---|---|---|"]
    for people in MONOLOGUE:
        value = acceptance.human[people.name]
        name = f"{people.label}{f' [{people.unit}]' if people.unit else ''}"
        human = "yes" if gap(value, people) == 0.0 else "**no**"
        lines.append(f"| {name} | {value:.2f} | {people.typical:g} | {people.low:g} to {people.high:g} | {human} |")
    return "\n".join(lines)


def judged_sections(acceptance: Acceptance) -> str:
    """Both tables as sections of a model card."""
    return f"""
## What is promised
{acceptance_table(acceptance)}

"The choreographer's": ratios to the motion that was composed with the whole recording known. "Network alone": breathing
and sway included; what reaches a robot is behind the voice gate. Music is synthesised.

## Beside people
The motion of the same recordings, from just before the first word to just after the last, with the conventions of our
measurements of people (monologue; see `evaluation.metrics.human_ranges`).

{human_table(acceptance)}
"""


def with_silence(samples: Samples) -> Samples:
    """A recording as training hears it: silence before and after, whole pose frames."""
    tail = round(TAIL_S * SAMPLE_RATE)
    lead = round(LEAD_S * SAMPLE_RATE)
    tail += -(len(samples) + lead + tail) % SAMPLES_PER_POSE
    return np.concatenate([np.zeros(lead, np.float32), samples, np.zeros(tail, np.float32)])


def mirror_codes(codes: CodeFrames) -> CodeFrames:
    """The codes of the mirror image."""
    return CodeFrames(codes.code ^ 1, codes.next_code ^ 1, codes.phase, codes.remaining,
                      mirror_variation(codes.variation), codes.activity)


def changed_sounds(seed: int = 0) -> dict[str, Callable[[Samples], Samples]]:
    """What sound goes through on its way, by name: each keeps what is said."""
    def noisy(samples: Samples) -> Samples:
        noise = coloured_noise(len(samples), 1.0, np.random.default_rng(seed))
        level = loud_rms(samples.astype(np.float64)) * 10 ** (-SNR_DB / 20) / np.sqrt(np.mean(noise**2))
        return np.asarray(samples + level * noise, dtype=np.float32)

    def moved(samples: Samples, shift_s: float) -> Samples:
        return np.asarray(np.roll(samples, round(shift_s * SAMPLE_RATE)))

    return {
        "7 kHz low-pass": lambda x: band_limit(x, 7000.0).astype(np.float32),
        "3.6 kHz low-pass": lambda x: band_limit(x, 3600.0).astype(np.float32),
        "20 ms later": lambda x: moved(x, SHIFT_S),
        "20 ms earlier": lambda x: moved(x, -SHIFT_S),
        "10 dB louder": lambda x: np.clip(x * 10 ** (GAIN_DB / 20), -1, 1).astype(np.float32),
        "10 dB softer": lambda x: (x * 10 ** (-GAIN_DB / 20)).astype(np.float32),
        "noise at 10 dB": noisy,
    }


def _timing(trials: Sequence[Trial], made: Sequence[Motion], performer: Performer) -> list[Figure]:
    apexes, accents, begin = [], [], 0.0
    total = None
    for trial, motion in zip(trials, made):
        found = find_apexes(wrist_speeds(wrists(motion, performer.bundle.skeleton))).times_s
        apexes.append(begin + found)
        accents.append(begin + trial.accents.times_s)
        excess = apex_excess(found, trial.accents.times_s, trial.accents.speech, POSE_RATE)
        total = excess if total is None else total + excess
        begin += len(motion) / POSE_RATE
    timing = apex_timing(np.concatenate(apexes), np.concatenate(accents), begin, draws=200)
    return [
        Figure("apexes within 0.1 s of an accent", timing.share, 0.6),
        Figure("the same, accents shifted", timing.shifted_share, 0.0, 0.15),
        Figure("the same, apexes jittered within speech: excess", total.excess if total else math.nan, 1.0, math.inf,
               "people 1.07"),
        Figure("apex offset, median [ms]", 1e3 * timing.offset_median_s, -30, 30),
        Figure("apex offset, interquartile range [ms]", 1e3 * timing.offset_iqr_s, 0, 130),
    ]


def _sensitivity(trials: Sequence[Trial], made: Sequence[Motion], performer: Performer) -> list[Figure]:
    used, total = 0, 0.0
    while used < len(trials) and total < SENSITIVITY_S:
        total += len(trials[used].samples) / SAMPLE_RATE
        used += 1
    skeleton, out = performer.bundle.skeleton, []
    before = [wrists(m, skeleton) for m in made[:used]]
    for name, change in changed_sounds().items():
        after = [wrists(performer.perform(change(t.samples), t.codes), skeleton) for t in trials[:used]]
        out.append(Figure(f"same motion, {name}: r", pooled_r(after, before), 0.95 if "noise" in name else 0.97))
    return out


def _calm(performer: Performer) -> list[Figure]:
    skeleton, settled = performer.bundle.skeleton, round(SETTLED_S * POSE_RATE)
    out = []
    for name, samples in calm_signals(CALM_S).items():
        bare = performer.perform(samples, performer.draw_codes(len(samples) // SAMPLES_PER_POSE, 0))
        gated = perform_gated(performer.bundle, samples)
        moving, resting = (float(wrist_speeds(wrists(m, skeleton))[settled:].mean()) for m in (bare, gated))
        out += [Figure(f"wrist speed in {name}, network alone [m/s]", moving, 0.0, 0.03),
                Figure(f"wrist speed in {name}, behind the voice gate [m/s]", resting, 0.0, 0.01)]
    return out


def _choice(trials: Sequence[Trial], made: Sequence[Motion], performer: Performer) -> list[Figure]:
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


def _artefacts(trials: Sequence[Trial], made: Sequence[Motion], wanted: Sequence[Motion],
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


def _beside_people(trials: Sequence[Trial], made: Sequence[Motion], performer: Performer) -> dict[str, float]:
    around = round(AROUND_S * POSE_RATE)
    talks = []
    for trial, motion in zip(trials, made):
        spoken = np.flatnonzero(trial.accents.speech)
        if len(spoken):
            part = slice(max(0, int(spoken[0]) - around), int(spoken[-1]) + 1 + around)
            talks.append(HumanMotion(motion[part], trial.accents.speech[part]))
    return human_figures([t for t in talks if len(t.joint_xyz) >= POSE_RATE], POSE_RATE, performer.bundle.skeleton)


def _bounds(low: float, high: float) -> str:
    if math.isinf(low):
        return f"at most {high:g}"
    return f"at least {low:g}" if math.isinf(high) else f"{low:g} to {high:g}"
