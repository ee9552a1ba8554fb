"""Compute time of one 50 ms hop of the agent, from features to window.

Paced, as on a robot, where the processor sleeps between hops and its caches go cold; or back to back, which measures
the work alone. Voice activity runs beside the features and is measured separately.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.agent.agent import Agent
from speech_gesture_ros.agent.agent_config import AgentConfig
from speech_gesture_ros.agent.garbage_collection import freeze_loaded_objects
from speech_gesture_ros.audio.pcm import PcmFormat
from speech_gesture_ros.core.rates import SAMPLE_RATE
from speech_gesture_ros.core.timebase import NS
from speech_gesture_ros.pipeline.pipeline_config import PipelineConfig

Array = npt.NDArray[np.float64]

HOP_S = 0.05
WARM_UP_S = 2.0  # of speech that is processed and not counted: first calls compile and allocate


@dataclass(frozen=True)
class HopTimes:
    """Times of each hop [ms].

    Attributes:
        hops: (H,) from features to window.
        whole: (H,) with voice activity.
        cpu: (H,) processor time of the whole.
        stages: Stage to the summary of its calls [ms].
    """

    hops: Array
    whole: Array
    cpu: Array
    stages: dict[str, dict[str, float]]


def measure_hops(config: PipelineConfig, speech: npt.NDArray[np.floating], seconds: float, hop_s: float = HOP_S,
                 clock: Callable[[], float] = time.perf_counter, sleep: Callable[[float], None] = time.sleep
                 ) -> HopTimes:
    """Run an agent whose robot follows every command exactly, at the pace of `sleep`.

    Args:
        config: Of the pipeline.
        speech: (T,) mono at 16 kHz; repeated as often as needed.
        seconds: Length of the measurement [s].
        hop_s: Length of one message [s].
        clock: Monotonic seconds.
        sleep: Waits for seconds.
    """
    agent = Agent(AgentConfig(pipeline=config))
    fmt = PcmFormat(sample_rate=SAMPLE_RATE, channels=1, encoding="s16le")
    length = round(hop_s * SAMPLE_RATE)
    pcm = np.round(np.clip(speech, -1, 1) * 32767).astype("<i2")
    warm_up, count = round(WARM_UP_S / hop_s), round(seconds / hop_s)
    pcm = np.resize(pcm, (warm_up + count) * length)
    q, whole, voice, cpu, begin = agent.description.rest_q, [], [], [], clock()
    for hop in range(warm_up + count):
        sleep(max(0.0, begin + hop * hop_s - clock()))
        if hop == warm_up:
            freeze_loaded_objects()  # as the node does
            agent.telemetry.reset()
        now_ns = NS + round(hop * hop_s * NS)
        message = pcm[hop * length: (hop + 1) * length].tobytes()
        agent.observe_joints(q, now_ns)
        agent.push_audio(message, fmt, now_ns)
        start, start_cpu = clock(), time.process_time()
        window = agent.update(now_ns).window
        whole.append(1e3 * (clock() - start))
        voice.append(1e3 * agent.telemetry.latest_s("voice_activity"))
        cpu.append(1e3 * (time.process_time() - start_cpu))
        q = window.positions[0] if window is not None else q
    counted = np.array([whole, voice, cpu])[:, warm_up:]
    return HopTimes(counted[0] - counted[1], counted[0], counted[2], agent.telemetry.summary_ms())
