"""Frame headers of MPEG-1/2/2.5 layer III audio (ISO 11172-3, 2.4.1.3)."""

from __future__ import annotations

from dataclasses import dataclass

_KILOBITS_MPEG1 = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KILOBITS_MPEG2 = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATE_SHIFT = {3: 0, 2: 1, 0: 2}  # MPEG-1, 2 and 2.5 have 44.1, 22.05 and 11.025 kHz


@dataclass(frozen=True)
class Mp3Frame:
    """Content of a frame header.

    Attributes:
        num_bytes: Length of the frame with its header [bytes].
        sample_rate: [Hz].
        channels: 1 or 2.
        tag_offset: Place of the tag "Xing" or "Info" in the first frame of a file, after the side information [bytes].
    """

    num_bytes: int
    sample_rate: int
    channels: int
    tag_offset: int


def mp3_frame(header: bytes) -> Mp3Frame | None:
    """Return the frame with this header of four bytes; None if it is none. Frames of free format are not recognised."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:  # 11 sync bits, layer III
        return None
    version, bitrate, rate = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or bitrate in (0, 15) or rate == 3:
        return None
    is_mpeg1, is_mono = version == 3, header[3] >> 6 == 3
    kilobits = (_KILOBITS_MPEG1 if is_mpeg1 else _KILOBITS_MPEG2)[bitrate - 1]
    sample_rate = (44_100, 48_000, 32_000)[rate] >> _RATE_SHIFT[version]
    side_information = (17 if is_mono else 32) if is_mpeg1 else (9 if is_mono else 17)
    checksum = 0 if header[1] & 1 else 2
    return Mp3Frame(
        num_bytes=(144 if is_mpeg1 else 72) * kilobits * 1000 // sample_rate + (header[2] >> 1 & 1),
        sample_rate=sample_rate, channels=1 if is_mono else 2, tag_offset=4 + checksum + side_information,
    )
