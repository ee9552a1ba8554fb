"""Each formula against results computed by hand, an independent library, and its invariances."""

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg, signal, stats
from sklearn.cross_decomposition import CCA

from speech_gesture_ros.core.errors import InputError
from speech_gesture_ros.evaluation import metrics
from speech_gesture_ros.evaluation.metrics import onsets
from speech_gesture_ros.evaluation.metrics.apex_timing import near_share, nearest_offsets
from speech_gesture_ros.evaluation.metrics.beats import moving_joints, nearness
from speech_gesture_ros.evaluation.metrics.frechet import WINDOW_S

FPS = 25.0


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture
def motion(rng) -> np.ndarray:
    """(200, 4, 3) a smooth random motion [m]."""
    return np.cumsum(np.cumsum(rng.normal(size=(200, 4, 3)), axis=0), axis=0) * 1e-4


# --- position error -----------------------------------------------------------------------------------------------

def test_position_errors_by_hand() -> None:
    truth = np.zeros((2, 2, 3))
    made = np.zeros((2, 2, 3))
    made[0, 0] = (3.0, 4.0, 0.0)  # one of four points is 5 m away
    assert metrics.ape(truth, made) == 1.25
    assert metrics.mae(truth, made) == pytest.approx(7 / 12)
    assert metrics.ape(made, made) == metrics.mae(made, made) == 0.0


def test_errors_turn_with_the_frame_and_grow_with_the_size(motion, rng) -> None:
    other = motion + rng.normal(size=motion.shape)
    turn = stats.special_ortho_group.rvs(3, random_state=0)
    assert metrics.ape(motion @ turn, other @ turn) == pytest.approx(metrics.ape(motion, other))
    assert metrics.ape(100 * motion, 100 * other) == pytest.approx(100 * metrics.ape(motion, other))


def test_errors_need_the_same_frames(motion) -> None:
    with pytest.raises(InputError, match="shape"):
        metrics.ape(motion, motion[1:])


# --- derivatives --------------------------------------------------------------------------------------------------

def test_derivatives_of_a_cube_per_frame_and_per_second() -> None:
    t = np.arange(10.0)
    cube = np.zeros((10, 1, 3))
    cube[:, 0, 0] = t**3
    assert metrics.mean_derivative(cube, 3) == pytest.approx(6.0)  # third difference of n^3
    assert metrics.mean_derivative(cube, 2) == pytest.approx(np.mean(6 * (t[:-2] + 1)))
    assert metrics.mean_derivative(cube, 1) == pytest.approx(9**3 / 9)
    assert metrics.mean_derivative(cube, 3, fps=20.0) == pytest.approx(6.0 * 8000)  # the factor between the families


@settings(max_examples=20, deadline=None)
@given(order=st.integers(1, 3), fps=st.floats(5.0, 120.0))
def test_derivatives_per_second_scale_with_the_rate(order: int, fps: float) -> None:
    motion = np.random.default_rng(0).normal(size=(50, 2, 3))
    per_frame = metrics.mean_derivative(motion, order)
    assert metrics.mean_derivative(motion, order, fps) == pytest.approx(per_frame * fps**order)


def test_derivatives_of_too_few_frames() -> None:
    with pytest.raises(InputError, match="above 3"):
        metrics.mean_derivative(np.zeros((3, 1, 3)), 3)


# --- histograms ---------------------------------------------------------------------------------------------------

def test_histogram_of_known_speeds() -> None:
    path = np.zeros((5, 1, 3))
    path[:, 0, 1] = np.cumsum([0.0, 0.0012, 0.0012, 0.0068, 0.5])  # 0.12, 0.12, 0.68, 50 cm a frame
    shares = metrics.frame_histogram([path])
    assert (shares[2], shares[13], shares[20]) == (0.5, 0.25, 0.25)
    # At 25 fps these are 0.03, 0.03, 0.17 and 12.5 m/s.
    assert metrics.speed_histogram([path], 25.0)[[0, 3, 50]].tolist() == [0.5, 0.25, 0.25]


def test_hellinger_by_hand_and_by_definition(rng) -> None:
    assert metrics.hellinger(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == 1.0
    assert metrics.hellinger(np.array([0.5, 0.5]), np.array([1.0, 0.0])) == pytest.approx(np.sqrt(1 - np.sqrt(0.5)))
    p, q = rng.dirichlet(np.ones(20)), rng.dirichlet(np.ones(20))
    assert metrics.hellinger(p, q) == pytest.approx(np.linalg.norm(np.sqrt(p) - np.sqrt(q)) / np.sqrt(2))
    assert metrics.hellinger(p, p) == pytest.approx(0.0, abs=1e-7)
    assert metrics.hellinger(p, q) == metrics.hellinger(q, p)


def test_histogram_of_the_same_motion_at_another_rate_is_the_same(rng) -> None:
    t = np.arange(0, 40, 1 / 100)
    fine = np.stack([0.2 * np.sin(t), 0.1 * np.cos(1.7 * t), 0 * t], axis=-1)[:, None]
    assert metrics.hellinger(metrics.speed_histogram([fine], 100.0), metrics.speed_histogram([fine[::4]], 25.0)) < 0.05


# --- Frechet distance ---------------------------------------------------------------------------------------------

def by_matrix_root(x: np.ndarray, y: np.ndarray) -> float:
    """Formula of the papers."""
    cov_x, cov_y = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    root = linalg.sqrtm(cov_x @ cov_y)
    return float(np.sum((x.mean(0) - y.mean(0)) ** 2) + np.trace(cov_x + cov_y - 2 * np.real(root)))


@pytest.mark.parametrize(("n", "m", "d"), [(300, 200, 8), (12, 400, 20), (15, 11, 40)])
def test_frechet_distance_is_that_of_the_matrix_root(rng, n: int, m: int, d: int) -> None:
    mix = rng.normal(size=(d, d))
    x, y = rng.normal(size=(n, d)), rng.normal(size=(m, d)) @ mix * 0.5 + 0.3
    assert metrics.frechet_distance(x, y) == pytest.approx(by_matrix_root(x, y), rel=1e-3)
    assert metrics.frechet_distance(x, y) == pytest.approx(metrics.frechet_distance(y, x))


def test_frechet_distance_of_known_normals() -> None:
    x = np.array([[-1.0], [1.0]]) / np.sqrt(2)  # mean 0, variance 1
    assert metrics.frechet_distance(x, 3 * x + 2) == pytest.approx(2**2 + (3 - 1) ** 2)
    assert metrics.frechet_distance(x, x) == pytest.approx(0.0, abs=1e-12)


def test_frechet_gesture_distance_orders_motions(rng, motion) -> None:
    fps, length = 25.0, round(WINDOW_S * 25)
    windows = metrics.GestureWindows.of([motion], fps)
    assert windows.cut([motion]).shape == ((200 - length) // (length // 2) + 1, length, 12)
    assert windows.cut([motion[:length - 1]]).shape == (0, length, 12)
    near = metrics.frechet_gesture_distance([motion], [motion + 1e-4 * rng.normal(size=motion.shape)], windows)
    far = metrics.frechet_gesture_distance([motion], [np.broadcast_to(motion.mean(0), motion.shape)], windows)
    assert 0 <= near < 0.2 * far
    with pytest.raises(InputError, match="windows"):
        metrics.frechet_gesture_distance([motion], [motion[:length]], windows)


# --- onsets and beats ---------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def clicks() -> tuple[np.ndarray, np.ndarray]:
    """Noise bursts at known times, over a noise floor."""
    rng = np.random.default_rng(1)
    times = np.cumsum(rng.uniform(0.25, 0.7, 24))
    samples = 1e-3 * rng.normal(size=int(16000 * (times[-1] + 1)))
    for time in times:
        start = int(time * 16000)
        samples[start:start + 1600] += rng.normal(size=1600) * np.exp(-np.arange(1600) / 400) * rng.uniform(0.1, 0.4)
    return samples.astype(np.float32), times


def test_onsets_are_found_where_they_are(clicks) -> None:
    samples, times = clicks
    found = metrics.onset_times(samples)
    # Every burst is found; one burst may give two onsets, as librosa's does at this hop, but none is far away.
    assert np.abs(found[:, None] - times).min(axis=0).max() < 0.065  # two hops
    assert np.mean(np.abs(found[:, None] - times).min(axis=1) < 0.08) > 0.9


@pytest.mark.slow
def test_onsets_equal_those_of_librosa(clicks) -> None:
    samples, _ = clicks
    expected = librosa.onset.onset_strength(y=samples, sr=16000, hop_length=512)
    strength = onsets.onset_strength(samples)
    assert len(strength) == len(expected)
    assert np.corrcoef(strength, expected)[0, 1] > 0.999
    times = librosa.onset.onset_detect(y=samples, sr=16000, hop_length=512, units="time")
    np.testing.assert_allclose(metrics.onset_times(samples), times, atol=1e-9)


def test_silence_has_no_onset() -> None:
    assert len(metrics.onset_times(np.zeros(16000))) == 0


def swinging(num: int = 250, period_s: float = 1.0) -> np.ndarray:
    """(T, 1, 3) a joint on an ellipse: its speed is smallest, but not zero, twice a period."""
    phase = 2 * np.pi * np.arange(num) / FPS / period_s
    return np.stack([0.2 * np.cos(phase), 0.1 * np.sin(phase), 0 * phase], axis=-1)[:, None]


def test_motion_beats_are_minima_of_speed() -> None:
    beats = metrics.motion_beats(swinging()[:, 0], FPS)
    # Slowest where the ellipse is flat: at 0, 0.5, 1 s ... The first lies on the edge and is not a minimum.
    np.testing.assert_allclose(beats, np.arange(1, len(beats) + 1) * 0.5, atol=0.5 / FPS)
    speed = np.linalg.norm(np.gradient(swinging()[:, 0], 1 / FPS, axis=0), axis=1)
    assert len(beats) == len(signal.argrelextrema(speed, np.less, order=6)[0])
    assert metrics.motion_beats_per_second(swinging(), FPS) == pytest.approx(2.0, abs=0.11)


def test_a_stop_is_no_beat() -> None:
    course = swinging()[:, 0]
    course[:, 1] = 0.0  # to and fro on a line: it stops at the ends
    assert len(metrics.motion_beats(course, FPS)) == 0


def test_nearness_by_hand() -> None:
    assert nearness(np.array([1.0, 2.0]), np.array([1.0, 2.3]), 0.3) == pytest.approx((1 + np.exp(-0.5)) / 2)
    assert nearness(np.array([1.0]), np.zeros(0), 0.3) == 0.0
    assert np.isnan(nearness(np.zeros(0), np.array([1.0]), 0.3))


def test_beat_scores_of_beats_on_the_beat_and_of_none() -> None:
    audio = np.arange(1, 19) * 0.5
    assert metrics.beat_consistency(swinging(), audio, FPS) > 0.995
    assert metrics.beat_align(swinging(), audio, FPS) > 0.9
    assert metrics.beat_align(swinging(), audio + 0.25, FPS) < 0.01
    assert metrics.beat_consistency(np.zeros((100, 2, 3)), audio, FPS) == 0.0
    assert moving_joints(np.zeros((100, 2, 3))) == []


def test_a_metronome_scores_as_high_as_people() -> None:
    rng = np.random.default_rng(0)
    audio = np.cumsum(rng.exponential(0.3, 400))
    scores = [metrics.metronome_consistency(audio, rate, audio[-1]) for rate in (1.0, 2.0, 3.0, 5.0)]
    assert scores == pytest.approx([0.68, 0.89, 0.95, 0.98], abs=0.02)  # as measured on people's speech


# --- diversity, keypoints, correlation, recall --------------------------------------------------------------------

def test_diversity_by_hand() -> None:
    motion = np.zeros((2, 1, 3))
    motion[1, 0] = (2.0, 4.0, 0.0)
    assert metrics.l1_diversity(motion) == 3.0
    assert metrics.l1_diversity(motion + 5.0) == 3.0
    assert metrics.multimodality([motion, 0 * motion, 0 * motion]) == pytest.approx((3 + 3 + 0) / 3)
    assert np.isnan(metrics.multimodality([motion]))


def test_pck_by_hand() -> None:
    truth = np.array([[[0.0, 0.0], [10.0, 0.0], [0.0, 20.0]]])  # box 10 x 20: tolerance 2 at alpha 0.1
    made = truth + np.array([[[1.9, 0.0], [0.0, 2.1], [0.0, 0.0]]])
    assert metrics.pck(truth, made, 0.1) == pytest.approx(2 / 3)
    assert metrics.pck(truth, made, 0.2) == 1.0
    assert np.isnan(metrics.pck(truth[:0], made[:0], 0.1))


def test_pck_does_not_depend_on_the_unit_or_the_place(rng) -> None:
    truth, noise = rng.normal(size=(50, 6, 2)), 0.3 * rng.normal(size=(50, 6, 2))
    assert metrics.pck(truth, truth + noise, 0.1) == metrics.pck(7 * truth + 3, 7 * (truth + noise) + 3, 0.1)


def test_first_canonical_correlation_equals_that_of_scikit_learn(rng) -> None:
    hidden = rng.normal(size=(400, 1))
    x, y = rng.normal(size=(400, 5)) + hidden, rng.normal(size=(400, 4)) - 0.7 * hidden
    u, v = CCA(n_components=1, max_iter=5000, tol=1e-10).fit_transform(x, y)
    found = metrics.canonical_correlations(x, y)
    assert found[0] == pytest.approx(np.corrcoef(u.ravel(), v.ravel())[0, 1], abs=1e-4)
    np.testing.assert_allclose(metrics.canonical_correlations(x @ rng.normal(size=(5, 5)), y), found, atol=1e-9)


def test_canonical_correlation_of_a_motion_with_itself_and_with_none(motion) -> None:
    assert metrics.cca_correlation(motion, motion) == pytest.approx(1.0)
    assert metrics.cca_correlation(motion, -2 * motion + 1) == pytest.approx(1.0)
    assert np.isnan(metrics.cca_correlation(motion, 0 * motion))


def test_canonical_correlation_tends_to_one_with_many_dimensions(rng) -> None:
    """The reason for which a high value alone proves nothing."""
    assert metrics.cca_correlation(rng.normal(size=(60, 17, 3)), rng.normal(size=(60, 17, 3))) > 0.99


def test_recall_by_hand() -> None:
    truth = np.zeros((2, 2, 3))
    made = np.zeros((2, 2, 3))
    made[0, 0] = (0.04, 0.04, 0.04)  # L1 0.12 m: missed
    assert metrics.srgr(truth, made) == 0.75


# --- ratios -------------------------------------------------------------------------------------------------------

def test_correlation_with_itself_with_its_negative_and_after_scaling(rng) -> None:
    motions = [rng.normal(size=(80, 2, 3)).cumsum(axis=0) for _ in range(3)]
    assert metrics.pooled_correlation(motions, motions) == pytest.approx(1.0)
    assert metrics.pooled_correlation(motions, [-m for m in motions]) == pytest.approx(-1.0)
    assert metrics.pooled_correlation(motions, [2 * m + 5 for m in motions]) == pytest.approx(1.0)
    assert np.isnan(metrics.pooled_correlation(motions, [0 * m for m in motions]))


def test_ratios_are_those_of_the_scale(rng) -> None:
    motions = [rng.normal(size=(80, 2, 3)).cumsum(axis=0) for _ in range(3)]
    half = [0.5 * m for m in motions]
    assert metrics.variance_ratio(half, motions) == pytest.approx(0.25)
    for order in (1, 2, 3):
        assert metrics.derivative_ratio(half, motions, order) == pytest.approx(0.5)
    assert np.isnan(metrics.variance_ratio(motions, [0 * m for m in motions]))


# --- timing -------------------------------------------------------------------------------------------------------

def test_apexes_on_accents_exceed_jittered_ones(rng) -> None:
    accents = np.cumsum(rng.uniform(0.6, 1.6, 80))
    speech = np.ones(int((accents[-1] + 2) * FPS), dtype=bool)
    timed = metrics.apex_excess(accents + 0.02, accents, speech, FPS)
    assert (timed.apexes, timed.near, timed.share) == (80, 80, 1.0)
    assert timed.jittered_share == pytest.approx(0.2 / 1.1, abs=0.05)  # windows of 0.2 s every 1.1 s
    assert timed.excess > 3
    assert timed.z > 5
    apart = metrics.apex_excess(np.sort(rng.uniform(0, accents[-1], 400)), accents, speech, FPS)
    assert apart.excess == pytest.approx(1.0, abs=0.25)


def test_moving_while_speaking_is_not_timing(rng) -> None:
    """Strokes at random times in speech, accents only there: the shifted share alone would suggest synchrony."""
    speech = np.zeros(3000, dtype=bool)
    for start in range(0, 3000, 250):
        speech[start:start + 100] = True
    inside = np.flatnonzero(speech) / FPS
    accents = np.sort(rng.choice(inside, 60, replace=False))
    apexes = np.sort(rng.choice(inside, 300, replace=False))
    excess = metrics.apex_excess(apexes, accents, speech, FPS)
    assert excess.excess == pytest.approx(1.0, abs=0.15)
    assert abs(excess.z) < 2.5


def test_apex_counts_add_up(rng) -> None:
    speech, accents = np.ones(500, dtype=bool), np.array([5.0, 10.0])
    one, two = (metrics.apex_excess(np.array(t), accents, speech, FPS) for t in ([5.0], [10.0, 12.0]))
    assert ((one + two).apexes, (one + two).near) == (3, 2)
    assert np.isnan(metrics.apex_excess(np.zeros(0), accents, speech, FPS).share)


def test_offsets_are_signed_distances_to_the_nearest_event() -> None:
    offsets = nearest_offsets(np.array([0.9, 1.2, 4.0]), np.array([1.0, 2.0]))
    np.testing.assert_allclose(offsets, [-0.1, 0.2, 2.0])
    assert near_share(np.array([-0.05, 0.099, 0.2, -0.3])) == 0.5


def test_timing_without_apexes_or_accents_is_nan() -> None:
    assert np.isnan(near_share(np.zeros(0)))
    assert np.isnan(metrics.apex_timing([np.zeros(0)], [np.array([1.0])], [60.0]).share)


def test_the_shifted_share_of_apexes_on_accents_is_chance(rng) -> None:
    accents = np.sort(rng.uniform(0, 300, 300))
    timing = metrics.apex_timing([accents + rng.normal(-0.02, 0.02, 300)], [accents], [300.0], draws=200)
    assert timing.share > 0.98
    # Chance that one of 300 random events in 300 s lies within 0.1 s: 1 - exp(-0.2).
    assert timing.shifted_share == pytest.approx(1 - np.exp(-0.2), abs=0.03)
    assert timing.shifted_p95 > timing.shifted_share
    assert timing.offset_median_s == pytest.approx(-0.02, abs=0.005)


def test_a_short_clip_has_no_shifted_share() -> None:
    timing = metrics.apex_timing([np.array([1.0])], [np.array([1.05])], [8.0])
    assert timing.share == 1.0
    assert np.isnan(timing.shifted_share)


def test_the_apexes_of_all_clips_count_together() -> None:
    accents = [np.arange(1.0, 20.0), np.arange(1.5, 20.0)]
    apexes = [accents[0] + 0.01, np.array([1.7])]  # 19 near, 1 not
    both = metrics.apex_timing(apexes, accents, [20.0, 20.0])
    assert both.share == pytest.approx(19 / 20)
    assert both.offset_median_s == pytest.approx(0.01)
    assert metrics.apex_timing(apexes[:1], accents[:1], [20.0]).share == 1.0
