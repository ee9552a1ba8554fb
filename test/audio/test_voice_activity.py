import importlib.util
import itertools
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech_gesture_ros.audio import voice_activity
from speech_gesture_ros.audio.voice_activity import VoiceActivityStage
from speech_gesture_ros.core.chunks import AudioChunk, concatenate
from speech_gesture_ros.core.errors import MissingDependencyError

BARE, GATED = VoiceActivityStage(gate=None), VoiceActivityStage()


def run(stage: VoiceActivityStage, samples: np.ndarray, cuts: list[int] | None = None) -> np.ndarray:
    stage.reset()
    bounds = [0, *sorted(cuts or []), len(samples)]
    parts = [stage.push(AudioChunk(a, samples[a:b])) for a, b in itertools.pairwise(bounds)]
    whole = concatenate([*parts, stage.flush()])
    assert whole.start_index == 0
    return whole.values


def vowels(seconds: float) -> np.ndarray:
    """Synthetic voice that Silero takes for speech: pulses through the resonances of changing vowels, in syllables."""
    rng = np.random.default_rng(0)
    time_s = np.arange(int(16000 * seconds)) / 16000
    f0_hz = 120 * 2 ** (0.25 * np.sin(2 * np.pi * 0.6 * time_s))
    phase = np.cumsum(f0_hz) / 16000
    out = np.zeros_like(time_s)
    syllable = (time_s * 4).astype(int)
    formants = rng.choice([[700, 1200, 2500], [300, 2200, 2900], [400, 800, 2400], [500, 1700, 2500]],
                          size=syllable.max() + 1)
    for k in range(1, 40):
        frequency = k * f0_hz
        gain = sum(1 / (1 + ((frequency - formants[syllable, i]) / 90) ** 2) for i in range(3)) + 0.01
        out += gain * np.sin(2 * np.pi * k * phase) * (frequency < 7000)
    envelope = np.clip(np.sin(np.pi * (time_s * 4 % 1)) * 1.5, 0, 1)
    return (0.1 * out * envelope + 1e-3 * rng.standard_normal(len(out))).astype(np.float32)


VOICE = np.concatenate([np.zeros(8000, dtype=np.float32), vowels(2.0), np.zeros(16000, dtype=np.float32)])


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(0, len(VOICE)), max_size=20))
def test_any_chunking_gives_the_same_probabilities(cuts: list[int]) -> None:
    np.testing.assert_array_equal(run(BARE, VOICE, cuts), run(BARE, VOICE))


def test_single_samples_give_the_same_probabilities() -> None:
    part = VOICE[8000:11000]
    np.testing.assert_array_equal(run(BARE, part, list(range(len(part)))), run(BARE, part))


@pytest.mark.parametrize(("samples", "frames"), [(0, 0), (1, 1), (512, 1), (640, 1), (641, 2), (16000, 25)])
def test_there_is_a_frame_for_each_pose_instant_before_the_end(samples: int, frames: int) -> None:
    assert len(run(BARE, np.zeros(samples, dtype=np.float32))) == frames


def test_declared_latency_is_the_longest_wait() -> None:
    BARE.reset()
    waits, out = [], 0
    for received in range(16, 16000, 16):
        count = len(BARE.push(AudioChunk(received - 16, np.zeros(16, dtype=np.float32))))
        waits += [(received - 640 * k) / 16000 for k in range(out, out + count)]
        out += count
    assert max(waits) == pytest.approx(BARE.latency_s, abs=1e-9)


def test_a_voice_is_speech_and_the_silence_around_it_is_not() -> None:
    probability, activity = run(BARE, VOICE), run(GATED, VOICE)
    assert probability[15:60].mean() > 0.6
    assert set(activity.tolist()) == {0.0, 1.0}
    assert activity[:12].max() == 0.0
    assert activity[18:60].min() == 1.0  # within 0.22 s, without a hole
    assert activity[-5:].max() == 0.0


@pytest.mark.parametrize("level_db", [-80, -60, -40, -20, -10])
@pytest.mark.parametrize("colour", ["white", "pink"])
def test_noise_is_not_speech_at_any_level(level_db: float, colour: str) -> None:
    spectrum = np.fft.rfft(np.random.default_rng(0).standard_normal(16000 * 6))
    if colour == "pink":
        spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    noise = np.fft.irfft(spectrum)
    noise *= 10 ** (level_db / 20) / noise.std()
    assert run(GATED, noise.astype(np.float32)).max() == 0.0


def test_knocks_and_short_bursts_are_not_speech() -> None:
    rng = np.random.default_rng(0)
    samples = 1e-4 * rng.standard_normal(16000 * 8)
    for i, length in enumerate((100, 400, 800, 1600, 3200, 400, 800)):
        start = 8000 + 16000 * i
        samples[start:start + length] += 0.3 * rng.standard_normal(length)
    assert run(GATED, samples.astype(np.float32)).max() == 0.0


def test_chords_and_a_melody_are_not_speech() -> None:
    rng = np.random.default_rng(0)
    samples = np.zeros(16000 * 8)
    for start in range(0, len(samples) - 8000, 4000):
        note = np.arange(8000) / 16000
        frequency = 220 * 2 ** (rng.choice([0, 2, 4, 5, 7, 9, 12]) / 12)
        tone = sum(np.sin(2 * np.pi * k * frequency * note) / k for k in range(1, 8))
        samples[start:start + 8000] += 0.1 * np.exp(-4 * note) * np.minimum(1, note / 0.01) * tone
    assert run(GATED, samples.astype(np.float32)).max() == 0.0


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf, -np.inf, 1e30])
def test_silence_and_damaged_input_is_not_speech(value: float) -> None:
    assert run(GATED, np.full(16000, value, dtype=np.float32)).max() == 0.0


def test_reset_equals_new() -> None:
    expected = run(VoiceActivityStage(), VOICE)
    GATED.push(AudioChunk(0, VOICE[8000:20000]))
    np.testing.assert_array_equal(run(GATED, VOICE), expected)


def test_torch_is_not_imported() -> None:
    program = ("import sys; from speech_gesture_ros.audio.voice_activity import VoiceActivityStage; "
               "VoiceActivityStage(); sys.exit('torch' in sys.modules or 'silero_vad' in sys.modules)")
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize("name", voice_activity._MODEL_FILES)
def test_every_model_file_gives_the_same_probabilities(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voice_activity, "_MODEL_FILES", (name,))
    stage = VoiceActivityStage(gate=None)
    assert voice_activity.find_model().name == name
    np.testing.assert_allclose(run(stage, VOICE), run(BARE, VOICE), atol=1e-6)


def test_two_stages_do_not_share_a_state() -> None:
    alone, other = run(BARE, VOICE), VoiceActivityStage(gate=None)
    BARE.reset()
    parts = []
    for start in range(0, len(VOICE), 4000):
        parts.append(BARE.push(AudioChunk(start, VOICE[start:start + 4000])))
        other.push(AudioChunk(start, np.full(4000, 0.3, dtype=np.float32)))
    np.testing.assert_array_equal(concatenate([*parts, BARE.flush()]).values, alone)


def test_a_missing_model_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError, match=r"needs silero-vad.*pip install --no-deps silero-vad"):
        voice_activity.find_model()


def test_a_missing_runtime_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingDependencyError, match=r"needs onnxruntime.*pip install onnxruntime"):
        VoiceActivityStage()
