r"""The stroke process: draws the movements of the hands, head and torso for the speech cues, frame by frame.

    cues       voice ____▁███████████▁___██████      phrase: prepare, several strokes, hold or return to rest
               accents      |     |        |         pause: fewer strokes; a longer one: rest
    strokes    ______/\/\_/\__/\/\____/\_/\/\_
    draws      seed, number of the draw, what was detected before it

The draws are not in the audio. They go on over pauses, streams and resets, so that two replies do not begin with the
same gestures, and a seed reproduces a run. A share of the strokes is pulled to accents that are known in time. Strokes
are added (`superposition`), so that a hand passes from one into the next as people's hands do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.core.hand_shapes import HandShape
from speech_gesture_ros.core.rates import POSE_RATE
from speech_gesture_ros.networks.strokes.channels import HANDS, LIFTS, NUM_CHANNELS, WRIST
from speech_gesture_ros.networks.strokes.cues import SpeechCues
from speech_gesture_ros.networks.strokes.laws import StrokeLaws
from speech_gesture_ros.networks.strokes.reaches import (
    REST_NOISE,
    choose_way,
    draw_duration,
    draw_length,
    follow_way,
    hand_pose,
    hand_step,
    trail_way,
    unit,
)
from speech_gesture_ros.networks.strokes.stroke_stream import Phrase, Stream, Stroke
from speech_gesture_ros.networks.strokes.superposition import Superposition
from speech_gesture_ros.networks.strokes.templates import REST_BEFORE, REST_BESIDE, GestureTemplate, HandTemplate

Floats = npt.NDArray[np.float64]

LOOSEST_LOCK = 0.25  # share of the strokes that wait for an accent at accent lock 0, about as those of people
LOCK_POWER = 3  # of the accent lock, by which the share grows: waiting strokes are fewer, so that few wait usually
CLOSE_VOICE_S = 0.2  # silence within speech that is no pause
LATE_S = 0.30  # by which a pulled stroke of its drawn duration would begin too late for its accent
SHORTEST_HALF_S = 0.09  # half of the duration to which it is shortened then
FASTEST = 2.2  # [m/s] peak speed of a shortened stroke, which is cut to keep it
PEAK_TO_MEAN = 1.875  # speed of the minimum-jerk curve
MIN_INTERVAL_S = 0.12  # between the fastest points of a pulled stroke and the one before
FRAME_S = 1.0 / POSE_RATE
TWO_HANDED_REDUCTION = 0.75  # share by which two-handed phrases become rarer at handedness -1 or 1
CALM_FACTORS = (0.4, 40.0)  # bounds of the factor of the time between phrases
SIZE_AT_REST, SIZE_GROWTH = 0.55, 0.45  # factor of the lengths at activity 0, and its growth per activity
LONGER = 1.3  # a hand that goes that much farther than the drawn length has a duration of its own
SHAPE_OF_FAMILY = {"open": HandShape.FLAT, "frame": HandShape.FLAT, "beat": HandShape.FIST, "point": HandShape.POINT,
                   "count": HandShape.COUNT}  # in the other families hands are at rest
REST_PLACE_SPREAD_M, REST_SLOWER = 0.02, 1.15  # of the strokes to rest


@dataclass(frozen=True)
class StrokeFrames:
    """State of the body at K consecutive pose frames, as strokes move it.

    Attributes:
        state: (K, NUM_CHANNELS), see `channels`.
        velocity: (K, NUM_CHANNELS) per second.
        activity: (K,) 0 rests, 1 usual.
        shapes: (K, 2) `HandShape` of left and right hand.
    """

    state: npt.NDArray[np.float32]
    velocity: npt.NDArray[np.float32]
    activity: npt.NDArray[np.float32]
    shapes: npt.NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.state)


_Row = tuple[Floats, Floats, tuple[HandShape, HandShape]]


class StrokeProcess:
    """Source of strokes for one stream after another.

    Args:
        laws: Distributions of the strokes.
        templates: Gestures.
        seed: Same seed and same cues, same strokes.
        look_ahead: Pose frames by which the cues are ahead of the poses.

    Attributes:
        held: Pose frames by which they are ahead in addition, from the next push on.
    """

    def __init__(self, laws: StrokeLaws, templates: tuple[GestureTemplate, ...], seed: int, look_ahead: int) -> None:
        self.laws, self.templates, self.seed, self.look_ahead = laws, templates, seed, look_ahead
        self._num_draws = 0
        self.set_controls(GestureControls())
        self.reset()

    def set_controls(self, controls: GestureControls) -> None:
        """Apply controls: activity and accent lock from the next stroke on, the others from the next phrase on.

        Raises:
            ConfigError: If a style is no family of the templates, or no template is left.
        """
        families = {template.family for template in self.templates}
        unknown = sorted({name for name, _ in controls.styles} - families)
        if unknown:
            raise ConfigError("styles", unknown, f"families of the model: {sorted(families)}",
                              "Use one of these names.")
        styles = dict(controls.styles)
        weights = np.array([template.weight * styles.get(template.family, 1.0) for template in self.templates])
        if weights.sum() <= 0:
            raise ConfigError("styles", controls.styles, "such that a gesture has a weight above 0", "Raise a weight.")
        self._weights = weights / weights.sum()
        self._handedness, self._activity = controls.handedness, controls.activity
        self._accent_lock = controls.accent_lock

    def reset(self) -> None:
        """Begin a new stream with the hands at rest; controls and draws go on."""
        base = np.zeros(NUM_CHANNELS)
        for hand in HANDS:
            base[hand] = hand_pose(REST_BEFORE)
        self._stream = Stream(Superposition(base))
        self._rests = [REST_BEFORE, REST_BEFORE]
        self.held = 0

    def take_accents(self) -> list[float]:
        """Return the times in the stream of the accents since the last call [s]; only the latest are kept."""
        unread = self._stream.memory.unread_s
        taken = list(unread)
        unread.clear()
        return taken

    def push(self, cues: SpeechCues) -> StrokeFrames:
        """Return the pose frames that the cues of consecutive input frames complete."""
        memory, rows = self._stream.memory, self._complete()
        for voice, accent, level in zip(cues.voice.tolist(), cues.accent.tolist(), cues.level.tolist()):
            memory.add(voice, accent, level)
            rows += self._complete()
        state = np.array([row[0] for row in rows], dtype=np.float32).reshape(-1, NUM_CHANNELS)
        velocity = np.array([row[1] for row in rows], dtype=np.float32).reshape(-1, NUM_CHANNELS)
        shapes = np.array([row[2] for row in rows], dtype=np.int8).reshape(-1, 2)
        return StrokeFrames(state, velocity, np.full(len(rows), self._activity, np.float32), shapes)

    def _complete(self) -> list[_Row]:
        """Return state, velocity and hand shapes at the pose frames of which the cues are known far enough ahead."""
        stream, rows = self._stream, list[_Row]()
        while stream.frame < stream.memory.frames - self.look_ahead - self.held:
            self._decide(stream.frame * FRAME_S)
            rows.append((*stream.curves.at(stream.frame * FRAME_S), stream.shapes))
            stream.frame += 1
        return rows

    def _draw(self) -> np.random.Generator:
        """Return the random generator of the next draw, which depends on the voice that was detected, too."""
        self._num_draws += 1
        key = [self.seed % 2**63, (self._num_draws << 16) + self._stream.memory.fingerprint]
        return np.random.Generator(np.random.Philox(key=key))

    def _decide(self, time_s: float) -> None:
        stream = self._stream
        speaks = stream.memory.is_speech(stream.frame)
        quiet_s = stream.memory.quiet_s(stream.frame)
        stream.slow.advance(self.laws.body, stream.curves, time_s, self._draw, activity=self._activity,
                            quiet_s=quiet_s, is_raised=not stream.is_resting)
        if not stream.is_resting and (quiet_s > stream.patience_s or self._activity <= 0.0):
            self._rests = [REST_BEFORE, REST_BEFORE]
            self._go_to_rest(time_s)
        elif stream.phrase is not None:
            self._continue(time_s, quiet_s)
        elif speaks and time_s >= stream.free_s and self._activity > 0.0:
            self._begin_phrase(time_s)

    def _begin_phrase(self, time_s: float) -> None:
        stream, laws, random = self._stream, self.laws, self._draw()
        template = self.templates[int(random.choice(len(self.templates), p=self._weights))]
        lead = int(random.random() < 0.5 * (1.0 + self._handedness))
        both = sum(w for t, w in zip(self.templates, self._weights) if not t.one_handed)
        two_handed = random.random() < laws.reaches.two_handed / max(both, laws.reaches.two_handed)
        two_handed &= random.random() >= TWO_HANDED_REDUCTION * abs(self._handedness)
        two_handed &= not template.one_handed
        share = random.uniform(*(laws.reaches.follow if two_handed else laws.reaches.trail))
        self._rests[1 - lead] = REST_BESIDE if random.random() < laws.reaches.hanging else REST_BEFORE
        stream.phrase = Phrase(template, lead, bool(two_handed), share,
                                laws.reaches.level_spread_m * random.standard_normal(),
                                1 + int(random.geometric(1.0 / laws.phrases.strokes)), int(random.integers(3)))
        stream.patience_s = random.uniform(*laws.phrases.patience_s)
        stream.is_resting = False
        shape = SHAPE_OF_FAMILY.get(template.family, HandShape.REST)
        shapes = [shape if two_handed else HandShape.REST] * 2
        shapes[lead] = shape
        stream.shapes = shapes[0], shapes[1]
        stream.next = self._draw_stroke(stream.phrase, None)
        stream.next.apex_s = time_s + 0.5 * stream.next.duration_s

    def _draw_stroke(self, phrase: Phrase, before_s: float | None) -> Stroke:
        """Draw the next stroke of a phrase, an interval after the fastest point of the one before."""
        laws, random = self.laws, self._draw()
        interval = laws.phrases.interval_s * np.exp(laws.phrases.interval_spread * random.standard_normal())
        size = phrase.template.size * (SIZE_AT_REST + SIZE_GROWTH * self._activity)
        length = draw_length(laws.reaches, size, random)
        duration = draw_duration(laws.reaches, length, phrase.template.tempo, random)
        return Stroke((before_s or 0.0) + phrase.template.tempo * interval, duration, length,
                       bool(random.random() < LOOSEST_LOCK + (1.0 - LOOSEST_LOCK) * self._accent_lock**LOCK_POWER),
                       laws.phrases.lock_spread_s * random.standard_normal() - laws.phrases.lock_lead_s)

    def _continue(self, time_s: float, quiet_s: float) -> None:
        """Make the next stroke when it is due; one that waits for an accent is pulled to it."""
        stream, window = self._stream, self.laws.phrases.lock_window_s
        stroke = stream.next
        assert stroke is not None
        half = 0.5 * stroke.duration_s
        if stroke.waits:
            near = [a for a in stream.memory.accents_s if abs(a - stroke.apex_s) <= window]
            in_time = [a for a in near if time_s - (a + stroke.offset_s - half) <= LATE_S
                       and a + stroke.offset_s - stream.apex_s > MIN_INTERVAL_S]
            if in_time:
                half = min(half, max(in_time[0] + stroke.offset_s - time_s, SHORTEST_HALF_S))  # late: shorter
                stroke.apex_s, stroke.duration_s = max(in_time[0] + stroke.offset_s, time_s + half), 2.0 * half
                stroke.length_m = min(stroke.length_m, FASTEST * stroke.duration_s / PEAK_TO_MEAN)
                stroke.waits = False
                stream.memory.accents_s.remove(in_time[0])
            elif time_s < stroke.apex_s - half + window:
                return
        if stroke.apex_s - half <= time_s + FRAME_S:
            self._make(stroke, max(time_s, stroke.apex_s - half), quiet_s)

    def _make(self, stroke: Stroke, onset_s: float, quiet_s: float) -> None:
        """Make a stroke, then draw the next one or end the phrase."""
        stream, laws, random = self._stream, self.laws.phrases, self._draw()
        phrase = stream.phrase
        assert phrase is not None
        stream.apex_s = onset_s + 0.5 * stroke.duration_s
        if quiet_s <= CLOSE_VOICE_S or random.random() < laws.pause:
            self._add_stroke(phrase, stroke, onset_s, random)
            phrase.left -= 1
        if phrase.left > 0:
            stream.next = self._draw_stroke(phrase, stream.apex_s)
        elif random.random() < laws.hold:
            stream.phrase = stream.next = None
            hold = laws.hold_s * np.exp(laws.hold_spread * random.standard_normal())
            stream.free_s = onset_s + stroke.duration_s + hold * self._calm()
        else:
            self._go_to_rest(onset_s + stroke.duration_s * random.uniform(0.8, 1.4))

    def _add_stroke(self, phrase: Phrase, stroke: Stroke, onset_s: float, random: np.random.Generator) -> None:
        stream, laws = self._stream, self.laws.reaches
        goal, lead, other = stream.curves.goal, HANDS[phrase.lead], HANDS[1 - phrase.lead]
        phrase.place += 1
        way = choose_way(laws, goal[lead][WRIST], _place(phrase, phrase.template.lead), stroke.length_m,
                         stream.direction, random)
        stream.direction = unit(way)
        steps = {phrase.lead: hand_step(laws, goal[lead], way, phrase.template.lead, 1.0, random)}
        if phrase.two_handed:
            follow = follow_way(laws, goal[other][WRIST], _place(phrase, phrase.template.follow), way, phrase.share,
                                random)
            steps[1 - phrase.lead] = hand_step(laws, goal[other], follow, phrase.template.follow, 1.0, random)
        else:
            rest = self._rests[1 - phrase.lead]
            trail = trail_way(goal[other][WRIST], np.array(rest.places[0]), way, phrase.share)
            steps[1 - phrase.lead] = hand_step(laws, goal[other], trail, rest, REST_NOISE, random)
        for side, step in steps.items():
            part = np.zeros(NUM_CHANNELS)
            part[HANDS[side]] = step
            part[LIFTS.start + side] = laws.lift_spread_m * random.standard_normal() - goal[LIFTS.start + side]
            far = float(np.linalg.norm(step[WRIST]))
            duration = stroke.duration_s if far <= LONGER * stroke.length_m else \
                draw_duration(laws, far, phrase.template.tempo, random)
            stream.curves.add(onset_s, duration, part)

    def _go_to_rest(self, time_s: float) -> None:
        """End the phrase with a stroke of both hands to their resting places."""
        stream, laws, random = self._stream, self.laws, self._draw()
        goal = stream.curves.goal
        for side, hand in enumerate(HANDS):
            rest = self._rests[side]
            way = np.array(rest.places[0]) + REST_PLACE_SPREAD_M * random.standard_normal(3) - goal[hand][WRIST]
            part = np.zeros(NUM_CHANNELS)
            part[hand] = hand_step(laws.reaches, goal[hand], way, rest, REST_NOISE, random)
            duration = draw_duration(laws.reaches, float(np.linalg.norm(way)), REST_SLOWER, random)
            stream.curves.add(time_s + 0.05 * random.random(), duration, part)
        stream.phrase = stream.next = None
        stream.is_resting = True
        stream.shapes = HandShape.REST, HandShape.REST
        rest_s = laws.phrases.rest_s * np.exp(laws.phrases.rest_spread * random.standard_normal())
        stream.free_s = time_s + 0.5 + rest_s * self._calm()

    def _calm(self) -> float:
        """Return the factor of the time between phrases: long for a calm speaker."""
        return float(np.clip(max(self._activity, 1e-3) ** -2.0, *CALM_FACTORS))


def _place(phrase: Phrase, hand: HandTemplate) -> Floats:
    """Return the place (3,) that a hand goes to next, at the height of the phrase [m]."""
    place = np.array(hand.places[phrase.place % len(hand.places)])
    place[2] += phrase.level_m
    return place
