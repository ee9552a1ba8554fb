"""Model card of the face model; its tables of results are added by `speech-gesture face evaluate --card`."""

from __future__ import annotations

from collections.abc import Sequence

from speech_gesture_ros.training.engine.card_facts import machine_description, today
from speech_gesture_ros.training.face.run_config import FaceRunConfig


def write_face_card(config: FaceRunConfig, command: str, tracks: int, prepared_s: float, trained_s: float,
                    parameters: int, sources: Sequence[str] = ()) -> str:
    """Return the text of MODEL_CARD.md, without results; `sources` are lines about the recorded speech."""
    speech = config.speech
    recorded = (f"- {len(speech.recorded)} recordings of one speaker with curves of the mouth (FACEGOOD Audio2Face, "
                f"MIT): {', '.join(speech.recorded)}; jaw and rounding alone.\n" if speech.recorded else "")
    people = "".join(f"- {line}.\n" for line in sources)
    if config.recordings.pico_voices:
        people += (f"- SVOX Pico (Apache-2.0, a synthesis), {config.recordings.pico_minutes:g} min each of "
                   f"{', '.join(config.recordings.pico_voices)}, text known.\n")
    labelled = f"""
Speech without stated phones, labelled by the network itself after each pass but the last: where the text is known, its
phones are found in the sound and follow the same rules; without a text the network's own output is the label.

{people}""" if people else ""
    again = f"{config.middle_steps} steps with it and new labels, " if config.middle_steps else ""
    passes = f"{config.first_steps} steps without the recorded speech, {again}then " if people else ""
    kokoro = (f"- kokoro (StyleTTS 2, 82 M parameters, Apache-2.0), {speech.kokoro_minutes:g} min of "
              f"{len(speech.kokoro_voices)} voices and mixtures of two;\n" if speech.kokoro_voices else "")
    return f"""# Model card: {config.name}

Speech to the articulation of a mouth, streaming: 15 visemes and 10 articulators at 50 Hz, with 0, 40 or 80 ms of
future speech by choice at run time. {parameters:,} parameters, Apache-2.0. Blendshapes, blinks, brows, gaze and
expressions are made of it by stated rules (`speech_gesture_ros.face`).

## Training data
Speech whose phone times are known, because it is synthesised; {tracks} tracks, most of 20 s:

- espeak-ng (a program under GPL-3; its sound is free of it), {speech.espeak_minutes:g} min in
  {', '.join(dict.fromkeys(speech.espeak_languages))}, all variants of its voices, other speeds and pitches;
- flite (licence like BSD), {speech.flite_minutes:g} min each of {', '.join(speech.flite_voices) or 'no voice'};
{kokoro}{recorded}- {speech.non_speech_minutes:g} min of silence, noise, hum and music, on which the mouth stays closed.
{labelled}
Texts of the synthesis are of this project (`config/training/face_texts.yaml`). Every synthesised
sound has {speech.versions} versions: clean, and with noise, other voices, a room, a telephone, a codec, clipping or
gain; every sequence gets another length of the vocal tract, microphone and pitch.
Targets are rules (`face/dominance.py`, `face/phones.py`), not people; the recorded curves are people. Nothing of VOCA,
FLAME or VOCASET was used.

## Training
`{command}`, finished on {today()}. Machine: {machine_description(config.accelerator)};
{config.threads} thread(s), {config.workers} processes for the preparation.
Tracks: {prepared_s / 60:.0f} min, where they were not cached; {passes}{config.steps} steps:
{trained_s / 60:.0f} min; as measured, with other processes on the machine.

## Limits
- It was trained for minutes on one core; a longer training (`steps`, `network`, more minutes of speech in
  `config/training/face.yaml`) is one command.
- The recordings are part of the data folder; without it, empty the lists of `recordings` and `recorded`.
- Bounds that are missed stand in the last table. Most errors on unknown voices are m taken for n (both are nasal, the
  lips are closed in m alone), short vowels taken for their neighbours, and d, t, k for one another.
- It agrees with rules of articulation on voices that it was not trained on; people did not judge it.
- English in the tests; other languages were trained with syntheses alone.
- Singing, whispering, laughter and several voices at once were not trained on.
"""
