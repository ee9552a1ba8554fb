"""Every kind of audio that a separate process publishes gives the motion of the sound file itself.

The file has the rate of the messages: a resampled sound is another one, of which another stroke may be drawn.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.signal import resample_poly

pytestmark = [pytest.mark.ros, pytest.mark.slow]
pytest.importorskip("rclpy", reason="needs ROS 2: pip install '.[ros]'")

import rclpy
from std_msgs.msg import Int32

from speech_gesture_ros.audio.audio_stage import AudioStage
from speech_gesture_ros.audio.files import load_mono_16k
from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.core.chunks import AudioChunk, concatenate
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.nodes.audio_input import AudioInput
from speech_gesture_ros.nodes.audio_messages import pcm_from_message
from speech_gesture_ros.pipeline.gesture_pipeline import GesturePipeline
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig
from speech_gesture_ros.robot.description import RobotDescription

PUBLISHER = Path(__file__).resolve().parents[1] / "worlds" / "audio_publisher.py"
SECONDS = 6.0
STD, COMMON = "std_msgs/msg/", "audio_common_msgs/msg/"
# family, type, encoding, rate, channels, bytes a message (or its length in ms), reliable, audio_info
COMBINATIONS = {
    "int16, 20 ms": (None, STD + "Int16MultiArray", "s16le", 16000, 1, 20.0, True, None),
    "float, stereo, 44.1 kHz": (None, STD + "Float32MultiArray", "f32le", 44100, 2, 10.0, False, None),
    "bytes cut inside a frame": (None, STD + "UInt8MultiArray", "s16le", 16000, 2, 333, True, None),
    "8 channels, 1 s": (None, STD + "Int16MultiArray", "s16le", 16000, 8, 1000.0, False, None),
    "96 kHz, 1 ms": (None, STD + "Float32MultiArray", "f32le", 96000, 1, 1.0, True, None),
    "AudioStamped, 22.05 kHz": ("portaudio", COMMON + "AudioStamped", "s16le", 22050, 1, 100.0, False, None),
    "Audio, 32 bits, 48 kHz": ("portaudio", COMMON + "Audio", "s32le", 48000, 2, 30.0, True, None),
    "AudioData, floats": ("portaudio", COMMON + "AudioData", "f32le", 16000, 1, 64.0, False, None),
    "AudioData, latched info": ("gstreamer", COMMON + "AudioData", "s16le", 48000, 1, 20.0, True, "latched"),
    "AudioDataStamped, 24 bits": ("gstreamer", COMMON + "AudioDataStamped", "s24le", 32000, 2, 25.0, False, "volatile"),
}


def joints(demo: RobotDescription, chunks: list[AudioChunk]) -> np.ndarray:
    """Return the joint positions (T, N) [rad] of a sound, made by a new pipeline: a reset restarts no gestures."""
    pipeline = GesturePipeline(PipelineConfig(seed=4), description=demo)
    parts = [pipeline.push(chunk).joints for chunk in chunks]
    return np.asarray(concatenate([*parts, pipeline.flush().joints]).values)


@pytest.fixture(scope="module")
def sound(speech) -> np.ndarray:
    return speech[2 * SAMPLE_RATE:round((2 + SECONDS) * SAMPLE_RATE)]


@pytest.fixture
def messages(interfaces, monkeypatch, request):
    """Message packages of a family, in this process and for its children."""

    def forget() -> None:
        for name in [name for name in sys.modules if name.partition(".")[0] == "audio_common_msgs"]:
            del sys.modules[name]

    def install(family: str | None) -> None:
        forget()
        if family:
            folder = str(interfaces / f"audio_common_msgs.{family}")
            monkeypatch.syspath_prepend(folder)
            monkeypatch.setenv("PYTHONPATH", os.pathsep.join([folder, os.environ.get("PYTHONPATH", "")]))
            importlib.invalidate_caches()

    yield install
    forget()


@pytest.mark.parametrize("name", COMBINATIONS)
def test_the_motion_is_that_of_the_file(graph, demo, sound, messages, tmp_path, name):
    family, kind, encoding, rate, channels, length, reliable, info = COMBINATIONS[name]
    messages(family)
    samples = sound if rate == SAMPLE_RATE else resample_poly(sound, rate, SAMPLE_RATE)
    np.save(tmp_path / "sound.npy", np.tile(samples[:, None], channels))
    soundfile.write(tmp_path / "sound.wav", samples, rate, subtype="FLOAT")
    width = {"s24le": 3, "f32le": 4, "s32le": 4}.get(encoding, 2) * channels
    options = {"type": kind, "encoding": encoding, "rate": rate, "reliable": reliable,
               "chunk_bytes": length if isinstance(length, int) else max(1, round(length * rate / 1000)) * width}
    node, received = graph.add(rclpy.create_node("subscriber")), []
    fallback = PcmFormat(rate if family == "portaudio" or not info else 8000, channels if not info else 1, "s16le")
    audio = AudioInput(node, "auto", fallback, received.append, lambda _: None)
    answers = node.create_publisher(Int32, "received", 10)
    node.create_timer(0.01, lambda: answers.publish(Int32(data=1 + len(received) if is_ready() else 0)))

    def is_ready() -> bool:
        return bool(audio.type_name) and (info is None or audio.fallback != fallback)

    command = [sys.executable, str(PUBLISHER), str(tmp_path / "sound.npy"),
               json.dumps(options | ({"info": info} if info else {}))]
    process = subprocess.Popen(command)
    try:
        count = -(-len(samples) * width // options["chunk_bytes"])
        graph.until(lambda: len(received) == count, timeout_s=120.0, what=f"{count} messages")
        graph.until(lambda: process.poll() == 0, what="the end of the publisher")
    finally:
        process.kill()
        process.wait()
    stage, chunks = None, []
    for message in received:
        data, fmt = pcm_from_message(message, audio.fallback)
        stage = stage or AudioStage(fmt)
        chunks += [stage.set_format(fmt), stage.push(data)]
    chunks.append(stage.flush())
    audio.close()
    assert stage.report.frames_in == len(samples)
    expected = joints(demo, [AudioChunk(0, load_mono_16k(tmp_path / "sound.wav"))])
    made = joints(demo, chunks)
    assert np.ptp(expected, axis=0).max() > 0.5
    limit = 1e-3 if rate == SAMPLE_RATE else 1e-2
    assert np.abs(made[:len(expected)] - expected[:len(made)]).max() < limit
