"""Film file: pictures at 25 per second, H.264, with the sound as AAC on the same time axis.

The motion of a robot is later than the sound it belongs to by the latency; with the delayed sound (`~/audio_out`) both
are simultaneous. The film shows them so: the caller gives the time in the film at which the sound begins.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from speech_gesture_ros.core.atomic_files import replaced_file
from speech_gesture_ros.core.errors import MissingDependencyError

FRAME_RATE = 25
AUDIO_RATE = 48_000
CONSTANT_RATE_FACTOR = "21"  # of x264
Samples = npt.NDArray[np.floating]


def write_video(path: Path, pictures: Iterable[npt.NDArray[np.uint8]], voice: Samples, sample_rate: int,
                voice_begins_s: float = 0.0) -> int:
    """Write an MP4.

    Args:
        path: Of the film.
        pictures: (height, width, 3) each, even sizes, at `FRAME_RATE`.
        voice: (T,) mono in [-1, 1].
        sample_rate: Of the sound [Hz].
        voice_begins_s: Time in the film at which the sound begins; if negative, its start is cut [s].

    Returns:
        Number of pictures.

    Raises:
        MissingDependencyError: If av is not installed.
    """
    try:
        import av
    except ImportError as error:
        raise MissingDependencyError("av", "Writing a film", "pip install 'speech_gesture_ros[sim]'") from error
    shift = round(voice_begins_s * sample_rate)
    aligned = np.concatenate([np.zeros(max(0, shift)), np.asarray(voice, dtype=np.float64)[max(0, -shift):]])
    with replaced_file(path) as temporary, av.open(str(temporary), "w", options={"movflags": "faststart"}) as film:
        video: Any = None
        audio = film.add_stream("aac", rate=AUDIO_RATE)
        audio.layout = "mono"
        count = 0
        for picture in pictures:
            if video is None:
                video = _add_video(film, picture)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts = count
            film.mux(video.encode(frame))
            count += 1
        if video is not None:
            film.mux(video.encode())
        length = round(count / FRAME_RATE * sample_rate)
        _write_audio(av, film, audio, np.pad(aligned, (0, max(0, length - len(aligned))))[:length], sample_rate)
    return count


def _add_video(film: Any, picture: npt.NDArray[np.uint8]) -> Any:
    stream = film.add_stream("h264", rate=FRAME_RATE)
    stream.height, stream.width = picture.shape[:2]
    stream.pix_fmt = "yuv420p"
    stream.time_base = Fraction(1, FRAME_RATE)
    stream.options = {"crf": CONSTANT_RATE_FACTOR, "preset": "veryfast"}
    return stream


def _write_audio(av: Any, film: Any, stream: Any, samples: Samples, sample_rate: int) -> None:
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=AUDIO_RATE)
    block = sample_rate // 10
    for start in range(0, len(samples), block):
        part = np.ascontiguousarray(samples[None, start : start + block], dtype=np.float32)
        frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="mono")
        frame.sample_rate, frame.pts = sample_rate, start
        frame.time_base = Fraction(1, sample_rate)
        for resampled in resampler.resample(frame):
            film.mux(stream.encode(resampled))
    for resampled in resampler.resample(None):
        film.mux(stream.encode(resampled))
    film.mux(stream.encode())
