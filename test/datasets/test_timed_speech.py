"""Phones of the outputs of speech synthesis; the engines themselves where they are installed."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from speech_gesture_ros.core.errors import ConfigError, MissingDependencyError
from speech_gesture_ros.datasets.timed_speech import kokoro
from speech_gesture_ros.datasets.timed_speech.espeak import phones_of_events, with_closures
from speech_gesture_ros.datasets.timed_speech.festival import phones_of_lines
from speech_gesture_ros.datasets.timed_speech.flite import phones_of_ends
from speech_gesture_ros.datasets.timed_speech.onnx_output import with_output
from speech_gesture_ros.datasets.timed_speech.piper import DURATIONS, phones_of_symbols
from speech_gesture_ros.datasets.timed_speech.texts import draw_text, sentences, training_sentences
from speech_gesture_ros.datasets.timed_speech.timed_speech import TimedSpeech, Voice, resampled, synthesise
from speech_gesture_ros.face.dominance import TimedPhone, check_phones
from speech_gesture_ros.face.phones import SHAPES


def test_flite_states_ends_and_pauses_are_left_out() -> None:
    phones = phones_of_ends("pau:0.220 p:0.334 iy:0.454 pau:0.500 m:0.6 ")
    assert phones == [TimedPhone("p", 0.22, 0.334), TimedPhone("iy", 0.334, 0.454), TimedPhone("m", 0.5, 0.6)]


def test_festival_states_ends_with_names_of_its_own() -> None:
    phones = phones_of_lines("welcome\nphone pau 0.2\nphone dx 0.25\nphone axr 0.4\nphone h# 0.5\n")
    assert phones == [TimedPhone("d", 0.2, 0.25), TimedPhone("er", 0.25, 0.4)]


def test_blanks_of_piper_count_to_the_symbol_after_them_and_marks_of_length_to_the_one_before() -> None:
    symbols = ["^", "_", "m", "_", "\u02c8", "_", "a", "_", "\u026a", "_", " ", "_", "i", "_", "\u02d0", "_", "$"]
    phones = phones_of_symbols(symbols, 0.1 * np.arange(1, len(symbols) + 1))
    assert [(p.name, round(p.start_s, 6), round(p.end_s, 6)) for p in phones] == [
        ("m", 0.1, 0.3), ("ay", 0.3, 0.9), ("iy", 1.1, 1.5)]


def test_a_short_space_of_piper_is_shared_by_the_sounds_beside_it_and_a_long_one_is_a_pause() -> None:
    symbols, lengths = ["^", "a", " ", "m", " ", "i", ",", " ", "u", "$"], [1, 10, 4, 10, 9, 10, 5, 2, 10, 1]
    phones = phones_of_symbols(symbols, np.cumsum(0.01 * np.array(lengths)))
    assert [(p.name, round(p.start_s, 6), round(p.end_s, 6)) for p in phones] == [
        ("aa", 0.01, 0.13), ("m", 0.13, 0.25), ("iy", 0.34, 0.44), ("uw", 0.51, 0.61)]


def test_symbols_of_kokoro_are_one_for_each_diphthong_and_affricate_without_length() -> None:
    assert kokoro.symbols_of("b\u02c8e\u026abi t\u0283\u02c8u\u02d0z") == "b\u02c8Abi \u02a7\u02c8uz"


def test_stress_of_kokoro_counts_to_its_vowel_and_a_space_to_the_sounds_beside_it() -> None:
    symbols, lengths = ["^", "b", "\u02c8", "A", " ", "m", "i", ".", "$"], [4, 2, 2, 3, 2, 2, 3, 5, 1]
    phones = kokoro.phones_of_symbols(symbols, np.cumsum(0.025 * np.array(lengths)))
    assert [(p.name, round(p.start_s, 6), round(p.end_s, 6)) for p in phones] == [
        ("b", 0.1, 0.15), ("ey", 0.15, 0.3), ("m", 0.3, 0.375), ("iy", 0.375, 0.45)]


def test_the_last_sound_before_a_pause_of_kokoro_ends_with_its_sound() -> None:
    samples = np.zeros(16_000, np.float32)
    samples[1600:6400] = 0.5  # 0.1 to 0.4 s
    phones = kokoro.without_silence([TimedPhone("m", 0.1, 0.2), TimedPhone("iy", 0.2, 0.8)], samples)
    assert phones == [TimedPhone("m", 0.1, 0.2), TimedPhone("iy", 0.2, pytest.approx(0.4))]


def test_a_voice_of_kokoro_needs_its_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(kokoro.FOLDER_VARIABLE, raising=False)
    kokoro._network.cache_clear()
    with pytest.raises(MissingDependencyError, match=kokoro.FOLDER_VARIABLE):
        synthesise(Voice("kokoro", "af_heart"), "Mama.")


def test_the_appended_output_is_a_field_of_the_graph() -> None:
    """ModelProto.graph (field 7) with output (field 12), as the protocol-buffer encoding says."""
    added = with_output(b"model", DURATIONS)[len(b"model"):]
    assert (added[0], added[1]) == (7 << 3 | 2, len(added) - 2)
    assert (added[2], added[3]) == (12 << 3 | 2, len(added) - 4)
    assert b"/Ceil_output_0" in added


@pytest.mark.parametrize("read", [phones_of_ends, phones_of_lines])
def test_an_unknown_phone_is_refused(read) -> None:
    with pytest.raises(ConfigError, match="phone of"):
        read("xx:0.5" if read is phones_of_ends else "phone xx 0.5")


def test_events_of_espeak_last_until_the_next_and_empty_ones_are_pauses() -> None:
    phones = phones_of_events([(0.0, "m"), (0.1, "tʃ"), (0.2, ""), (0.3, "ɔːɹ")], 0.5)
    assert phones == [TimedPhone("m", 0.0, 0.1), TimedPhone("ch", 0.1, 0.2), TimedPhone("ao", 0.3, 0.4),
                      TimedPhone("r", 0.4, 0.5)]


def test_voiceless_stops_begin_with_their_closure_before_the_burst() -> None:
    """Measured for "apa": silence from 60 to 100 ms, the event of the p at 100 ms."""
    phones = with_closures([TimedPhone("aa", 0.0, 0.1), TimedPhone("p", 0.1, 0.15), TimedPhone("aa", 0.15, 0.25)])
    assert [(p.name, p.start_s, p.end_s) for p in phones] == [
        ("aa", 0.0, pytest.approx(0.05)), ("p", pytest.approx(0.05), 0.15), ("aa", 0.15, 0.25)]


def test_a_closure_takes_at_most_half_of_the_phone_before_and_may_reach_into_a_pause() -> None:
    short, after_pause = (with_closures([TimedPhone("aa", 0.0, end), TimedPhone("k", 0.3, 0.4)]) for end in (0.3, 0.1))
    assert short[1].start_s == pytest.approx(0.25)
    assert after_pause[1].start_s == pytest.approx(0.25)
    tight = with_closures([TimedPhone("aa", 0.28, 0.3), TimedPhone("k", 0.3, 0.4)])
    assert tight[1].start_s == pytest.approx(0.29)
    assert with_closures([TimedPhone("t", 0.01, 0.1)])[0].start_s == 0.0


def test_voiced_stops_are_left_as_they_are() -> None:
    phones = [TimedPhone("aa", 0.0, 0.1), TimedPhone("b", 0.1, 0.15)]
    assert with_closures(phones) == phones


def test_speech_at_twice_the_speed_has_half_the_samples_and_times() -> None:
    speech = TimedSpeech(np.zeros(16_000, np.float32), (TimedPhone("aa", 0.2, 0.6),), Voice("flite", "awb"))
    fast = resampled(speech, 2.0)
    assert len(fast.samples) == 8_000
    assert fast.phones == (TimedPhone("aa", 0.1, 0.3),)


def test_texts_are_of_the_language_and_depend_on_the_seed() -> None:
    drawn = [draw_text("de", np.random.default_rng(seed)) for seed in range(30)]
    words = {word.strip(".,!?") for line in sentences("de") for word in line.split()}
    assert all(word.strip(".,!?") in words for text in drawn for word in text.split())
    assert len(set(drawn)) > 20
    assert set(sentences("en")) < set(training_sentences("en"))
    assert training_sentences("de") == sentences("de")
    with pytest.raises(ConfigError, match="language"):
        draw_text("xx", np.random.default_rng(0))


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(ConfigError, match="speech synthesis"):
        Voice("say", "Alex")
    assert (Voice("espeak", "de+f2").language, Voice("espeak", "en-gb").language) == ("de", "en")


@pytest.mark.slow
@pytest.mark.parametrize(("engine", "name", "program"), [
    ("espeak", "en-us+f2", "espeak-ng"), ("espeak", "fr", "espeak-ng"), ("flite", "awb", "flite"),
    ("festival", "kal_diphone", "festival"),
])
def test_vowels_of_synthesised_speech_are_where_the_phones_say(engine: str, name: str, program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    speech = synthesise(Voice(engine, name), "My papa may buy a map of a big baby bamboo.")
    check_phones(speech.phones)
    frames = len(speech.samples) // 160
    loud = np.log(np.square(speech.samples[:160 * frames]).reshape(frames, 160).mean(axis=1) + 1e-6)
    vowel = np.zeros(frames)
    for phone in speech.phones:
        vowel[int(100 * phone.start_s):int(100 * phone.end_s)] = SHAPES[phone.name][0].is_vowel
    lags = [float(np.corrcoef(np.roll(vowel, lag), loud)[0, 1]) for lag in range(-8, 9)]
    assert max(lags) > 0.3
    assert abs(int(np.argmax(lags)) - 8) <= 2  # at most 20 ms
