"""Composed motion: strokes on accents, human speeds, exact bones, mirror images, continuity."""

import dataclasses

import numpy as np
import pytest

from speech_gesture_ros.core.errors import ConfigError, InputError
from speech_gesture_ros.core.skeleton import load_skeleton
from speech_gesture_ros.evaluation import kinematics
from speech_gesture_ros.evaluation.accents import Accents
from speech_gesture_ros.evaluation.metrics.apex_timing import apex_timing, nearest_offsets
from speech_gesture_ros.networks.speech_to_motion.code_sampler import CodeFrames
from speech_gesture_ros.training.composition.composer import compose, compose_speech, draw_codes, no_accents
from speech_gesture_ros.training.composition.gestures import NUM_CODES
from speech_gesture_ros.training.composition.layers import FULL_SHARE, activity_share, low_pass_twice
from speech_gesture_ros.training.composition.strokes import hands_up, stroke_gains
from speech_gesture_ros.training.composition.style import Style
from speech_gesture_ros.training.composition.targets import BUSY, SIZE, mirror_variation

SKELETON = load_skeleton()


def synthetic_accents(duration_s: float = 60.0, seed: int = 0) -> Accents:
    """Accents of speech of 20 s with pauses of 4 s."""
    rng = np.random.default_rng(seed)
    frame = np.arange(round(duration_s * 25)) / 25
    speech = (frame % 24 > 2) & (frame % 24 < 22)
    times = np.cumsum(rng.uniform(0.6, 1.6, 200))
    times = times[times < duration_s - 1]
    times = times[speech[np.round(times * 25).astype(int)]]
    level = np.where(speech, 4 * np.sin(2 * np.pi * 3 * frame), -40.0)
    return Accents(times, rng.uniform(-0.3, 1.5, len(times)), speech, level, np.zeros(0))


def wrist_speeds(motion) -> np.ndarray:
    return kinematics.wrist_speeds(kinematics.wrists(motion.joint_xyz, SKELETON))


@pytest.fixture(scope="module")
def motion():
    accents = synthetic_accents(120.0)
    return compose(accents, draw_codes(len(accents.speech), 1), Style())


def test_shapes_and_types() -> None:
    motion = compose_speech(np.random.default_rng(0).normal(0, 0.1, 16_000 * 3 + 639), seed=0)
    assert motion.joint_xyz.shape == (75, 17, 3)
    assert motion.joint_xyz.dtype == np.float32
    codes = motion.codes
    assert codes.code.shape == codes.next_code.shape == codes.phase.shape == (75,)
    assert codes.code.min() >= 0
    assert codes.code.max() < NUM_CODES


@pytest.mark.parametrize("num", [0, 1, 639, 640, 1280])
def test_the_shortest_recordings_have_a_motion(num: int) -> None:
    assert compose_speech(np.zeros(num), seed=0).joint_xyz.shape == (num // 640, 17, 3)


def test_nan_samples_give_a_finite_motion() -> None:
    assert np.isfinite(compose_speech(np.full(16_000, np.nan), seed=0).joint_xyz).all()


def test_stereo_is_refused() -> None:
    with pytest.raises(InputError, match="shape of the samples"):
        compose_speech(np.zeros((16_000, 2)), seed=0)


def test_the_motion_is_a_function_of_the_seed() -> None:
    accents = synthetic_accents(30.0)
    first, again, other = (compose(accents, draw_codes(750, s), Style()).joint_xyz for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.1


def test_strokes_are_fastest_on_the_accents(motion) -> None:
    apexes = kinematics.find_apexes(wrist_speeds(motion))
    timing = apex_timing([apexes.times_s], [motion.accents.times_s], [120.0], draws=100)
    assert timing.share >= 0.7
    assert timing.shifted_share <= 0.25
    assert -0.05 <= timing.offset_median_s <= 0.01
    assert timing.offset_iqr_s <= 0.05


def test_prominent_accents_get_a_stroke(motion) -> None:
    apexes = kinematics.find_apexes(wrist_speeds(motion))
    strong = motion.accents.times_s[motion.accents.prominence > 0.5]
    missed = np.abs(nearest_offsets(strong, apexes.times_s)) > 0.1
    assert missed.mean() <= 0.1


def test_hands_move_in_speech_less_in_pauses_and_are_never_still(motion) -> None:
    speeds, speech = wrist_speeds(motion), motion.accents.speech
    talking, pausing = (speeds[f].mean() for f in (speech, kinematics.pauses(speech)))
    assert 0.17 <= talking <= 0.4
    assert 0.02 <= pausing <= 0.7 * talking


def test_speeds_accelerations_and_jerks_are_in_the_human_range(motion) -> None:
    wrists = kinematics.wrists(motion.joint_xyz, SKELETON)
    assert 0.5 <= np.percentile(wrist_speeds(motion), 95) <= 1.3
    acceleration, jerk = (np.percentile(np.linalg.norm(kinematics.derivative(wrists, order), axis=-1), 95)
                          for order in (2, 3))
    assert 4.0 <= acceleration <= 10.0
    assert jerk < 115.0


def test_hands_keep_clear_of_trunk_and_of_each_other_and_are_hardly_above_the_shoulders(motion) -> None:
    xyz = motion.joint_xyz
    left, right = (xyz[:, SKELETON.index[f"{s}_wrist"]] for s in ("left", "right"))
    assert np.linalg.norm(left - right, axis=1).min() >= 0.12
    chest = xyz[:, SKELETON.index["chest"]]
    for wrist in (left, right):
        assert (wrist - chest)[:, 0].min() >= 0.12
        above = (wrist - xyz[:, SKELETON.index["left_shoulder"]])[:, 2]
        assert above.max() <= 0.05
        assert (above > 0).mean() <= 0.03, "people: up to a tenth"
    fingers = xyz[:, SKELETON.index["left_hand"]] - xyz[:, SKELETON.index["right_hand"]]
    assert np.linalg.norm(fingers, axis=1).min() >= 0.06


def test_bones_keep_their_lengths_and_arms_stay_bent(motion) -> None:
    lengths = np.linalg.norm(SKELETON.bones_from_xyz(motion.joint_xyz), axis=-1)
    np.testing.assert_allclose(lengths, np.broadcast_to(SKELETON.bone_lengths, lengths.shape), atol=1e-6)
    arm = motion.joint_xyz[:, SKELETON.index["left_wrist"]] - motion.joint_xyz[
        :, SKELETON.index["left_shoulder"]]
    assert np.linalg.norm(arm, axis=1).max() <= 0.921 * 0.53


def test_mirrored_codes_give_the_mirror_image() -> None:
    accents = synthetic_accents(40.0)
    codes = draw_codes(1000, 3)
    other = CodeFrames(codes.code ^ 1, codes.next_code ^ 1, codes.phase, codes.remaining,
                       mirror_variation(codes.variation), codes.activity)
    np.testing.assert_allclose(compose(accents, other, Style()).joint_xyz,
                               SKELETON.mirror(compose(accents, codes, Style()).joint_xyz), atol=1e-5)


def test_nothing_jumps_where_codes_change(motion) -> None:
    changes = np.flatnonzero(np.diff(motion.codes.code))
    steps = np.linalg.norm(np.diff(motion.joint_xyz, n=2, axis=0), axis=-1).max(axis=1)
    assert np.median(steps[changes - 1]) <= 2.0 * np.median(steps)


@pytest.mark.parametrize("rest", ["together", "hanging"])
def test_without_speech_the_hands_rest_and_the_body_breathes(rest: str) -> None:
    calm = compose(no_accents(750), draw_codes(750, 0), Style(rest=rest))
    speeds = wrist_speeds(calm)
    assert speeds.mean() <= 0.01
    assert speeds.max() <= 0.06
    assert np.ptp(calm.joint_xyz, axis=0).max() > 0.003
    np.testing.assert_array_equal(compose_speech(np.zeros(750 * 640), seed=0, style=Style(rest=rest)).joint_xyz,
                                  calm.joint_xyz)


def test_hands_rise_before_the_voice_and_stay_up_through_short_pauses() -> None:
    speech = np.zeros(250, dtype=bool)
    speech[50:100] = speech[110:150] = True  # 0.4 s between
    up = np.flatnonzero(hands_up(speech))
    assert up[0] == 50 - 6
    np.testing.assert_array_equal(up, np.arange(up[0], up[-1] + 1))
    assert up[-1] + 1 == 150 + 6


def test_hands_come_down_in_long_pauses() -> None:
    speech = np.zeros(250, dtype=bool)
    speech[50:100] = speech[150:200] = True
    up = hands_up(speech)
    assert not up[110:140].any()


def test_stroke_size_grows_from_zero_at_the_threshold_without_a_step() -> None:
    prominence = np.linspace(-0.4, 2.0, 200)
    level = np.zeros(1000)
    accents = Accents(np.arange(200) * 0.1, prominence, np.ones(1000, dtype=bool), level, np.zeros(0))
    gains = stroke_gains(accents)
    assert gains[0] == pytest.approx(0.0)
    assert np.all(np.diff(gains) >= 0)
    assert np.diff(gains).max() < 0.05


def test_a_small_change_of_an_accent_makes_a_small_change_of_the_motion() -> None:
    accents = synthetic_accents(40.0)
    moved = Accents(accents.times_s + 0.02, accents.prominence + 0.02, accents.speech, accents.level_db,
                    accents.f0_hz)
    codes = draw_codes(1000, 5)
    first, second = (kinematics.wrists(compose(a, codes, Style()).joint_xyz, SKELETON) for a in (accents, moved))
    r = [np.corrcoef(first[:, h, c], second[:, h, c])[0, 1] for h in range(2) for c in range(3)]
    assert min(r) > 0.97


def test_activity_scales_the_strokes() -> None:
    accents = synthetic_accents(60.0)
    speeds = [wrist_speeds(compose(accents, draw_codes(1500, 4, a))).mean() for a in (0.0, 0.5, 1.0, 1.5)]
    assert speeds[0] < 0.15 * speeds[2]
    assert speeds[1] < 0.75 * speeds[2]
    assert speeds[3] > 1.1 * speeds[2]


def test_a_change_of_activity_moves_the_hands_without_a_jolt() -> None:
    accents = synthetic_accents(20.0)
    activity = np.where(np.arange(500) < 250, 1.0, 0.0)
    changing, constant = (compose(accents, draw_codes(500, 4, a)).joint_xyz for a in (activity, 1.0))
    np.testing.assert_array_equal(changing[:200], constant[:200])
    assert wrist_speeds(compose(accents, draw_codes(500, 4, activity)))[300:].mean() < 0.05
    jolts = [np.linalg.norm(np.diff(x, n=3, axis=0), axis=-1)[240:270].max() for x in (changing, constant)]
    assert jolts[0] < 2 * jolts[1] + 0.01


def test_a_variation_changes_its_segment_and_size_makes_strokes_larger() -> None:
    accents = synthetic_accents(60.0)
    codes = draw_codes(1500, 4)
    speeds = []
    for size in (-1.0, 1.0):
        variation = codes.variation.copy()
        variation[:, SIZE] = size
        speeds.append(wrist_speeds(compose(accents, dataclasses.replace(codes, variation=variation))).mean())
    assert speeds[1] > 1.15 * speeds[0]


def test_busy_segments_have_strokes_between_the_accents_and_others_have_none() -> None:
    accents = synthetic_accents(60.0)
    between = 0.5 * (accents.times_s[1:] + accents.times_s[:-1])[np.diff(accents.times_s) > 1.0]
    accents = dataclasses.replace(accents, minor_times_s=between, minor_prominence=np.zeros(len(between)))
    counts = []
    for busy in (-1.0, 1.0):
        codes = draw_codes(1500, 4)
        variation = codes.variation.copy()
        variation[:, BUSY] = busy
        motion = compose(accents, dataclasses.replace(codes, variation=variation))
        apexes = kinematics.find_apexes(wrist_speeds(motion)).times_s
        counts.append(int(np.sum(np.abs(nearest_offsets(apexes, between)) < 0.08)))
    assert counts[0] <= 3
    assert counts[1] >= counts[0] + 5


def test_the_low_pass_is_causal_and_reaches_the_value() -> None:
    values = np.where(np.arange(200)[:, None] < 100, 0.0, 1.0)
    reached = low_pass_twice(values, 0.4)
    np.testing.assert_allclose(reached[:100], 0.0, atol=1e-12)
    assert np.all(np.diff(reached[:, 0]) >= -1e-12)
    assert reached[100, 0] < 0.05
    assert reached[-1, 0] == pytest.approx(1.0, abs=1e-3)


def test_the_share_of_the_motion_is_zero_at_rest_and_full_at_one() -> None:
    ends = [activity_share(np.full(10, a))[-1] for a in (0.0, 0.5, 1.0, 1.5)]
    np.testing.assert_allclose(ends, FULL_SHARE * np.array([0.0, 0.65, 1.0, 1.15]))


@pytest.mark.parametrize(("given", "message"), [({"activity": 3.0}, "activity"), ({"rest": "pockets"}, "pockets")])
def test_a_style_out_of_bounds_is_refused(given, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Style(**given)
