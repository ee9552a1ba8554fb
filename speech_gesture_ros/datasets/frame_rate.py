"""Frame rate of a recording whose file states a rounded frame time.

A frame time of 0.033 s stands for 30 Hz, which is 0.0333 s: motion read at 30.3 Hz is 5.6 s early after ten minutes.
The usual rate is used if the stated time is it, rounded or cut off at its last digit, and if the lengths of sound and
motion agree better then.
"""

from __future__ import annotations

from dataclasses import replace

from speech_gesture_ros.datasets.source_motion import SourceMotion

USUAL_RATES = (30.0, 60.0, 25.0, 24.0, 120.0, 50.0, 100.0, 15.0, 20.0, 12.0, 12.5, 10.0, 40.0, 48.0, 72.0, 75.0, 80.0,
               90.0, 144.0, 150.0, 180.0, 200.0, 240.0, 250.0, 300.0, 360.0, 480.0, 500.0, 1000.0,
               30 / 1.001, 60 / 1.001, 24 / 1.001, 120 / 1.001)  # [Hz], whole ones first
AGREEMENT_S = 0.5  # difference of the lengths below which they agree [s]


def with_usual_rate(motion: SourceMotion, sound_s: float) -> SourceMotion:
    """Return the motion at the usual rate that its rounded frame time stands for, with a note; else as it is."""
    frame_time, step, count = 1.0 / motion.frame_rate, motion.frame_time_step_s, len(motion.xyz)
    stated_difference = abs(motion.seconds - sound_s)
    for rate in USUAL_RATES:
        is_written_so = frame_time - step / 2 <= 1.0 / rate < frame_time + step  # rounded, or cut off
        drift_s = abs(count / rate - motion.seconds)
        difference = abs(count / rate - sound_s)
        if is_written_so and drift_s > 0.5 / rate and difference < min(stated_difference, AGREEMENT_S):
            note = (f"the frame time {frame_time:.7g} s stands for {rate:.6g} Hz: then sound and motion differ by "
                    f"{difference:.2f} s instead of {stated_difference:.2f} s")
            return replace(motion, frame_rate=rate, frame_time_step_s=0.0, notes=(*motion.notes, note))
    return motion
