"""Film strips of a model with recordings of speakers that were held out of its training."""

from __future__ import annotations

from pathlib import Path

from speech_gesture_ros.audio.files import load_mono_16k
from speech_gesture_ros.core.controls import GestureControls
from speech_gesture_ros.datasets.speech_recordings import SpeechRecording, list_recordings, surround_with_silence
from speech_gesture_ros.evaluation.acceptance.trials import Performer, Trial
from speech_gesture_ros.networks.strokes.bundle import load_stroke_bundle
from speech_gesture_ros.rendering.film_strip import draw_film_strip

NUM_VOICES = 3
START_S = 3.0  # of the strip
STYLES_S = 6.6  # of each style
STYLES = {
    "calm: activity 0.5, styles calm:20": GestureControls(activity=0.5, styles=(("calm", 20.0),)),
    "usual": GestureControls(),
    "lively: activity 1.5": GestureControls(activity=1.5),
    "open hands, to one side: styles open:20, handedness 1": GestureControls(styles=(("open", 20.0),), handedness=1.0),
}


def draw_voices(bundle_folder: Path, data: Path, out: Path) -> list[Path]:
    """Draw ten seconds of motion for the longest recordings of three speakers that were held out.

    Args:
        bundle_folder: A stroke model.
        data: The data folder.
        out: Folder of the pictures, `strip_<speaker>.png`, and `styles.png` of several styles for one voice.
    """
    bundle = load_stroke_bundle(bundle_folder)
    longest: dict[str, SpeechRecording] = {}
    for recording in list_recordings(data):
        if recording.speaker in bundle.held_out_speakers:
            longest[recording.speaker] = max(recording, longest.get(recording.speaker, recording),
                                             key=lambda r: r.seconds)
    chosen = sorted(longest.values(), key=lambda r: -r.seconds)[:NUM_VOICES]
    paths = []
    for seed, recording in enumerate(chosen):
        trial = Trial.of(surround_with_silence(load_mono_16k(recording.path)), seed)
        paths.append(out / f"strip_{recording.speaker}.png")
        draw_film_strip(paths[-1], {bundle.name: Performer(bundle_folder, seed).perform(trial.samples)},
                        bundle.skeleton, start_s=START_S)
    known = {template.family for template in bundle.templates}
    styles = {name: Performer(bundle_folder, 0, controls=controls).perform(trial.samples)
              for name, controls in STYLES.items() if known.issuperset(family for family, _ in controls.styles)}
    paths.append(out / "styles.png")
    draw_film_strip(paths[-1], styles, bundle.skeleton, start_s=START_S, seconds=STYLES_S)
    return paths
