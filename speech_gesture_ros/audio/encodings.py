"""Encodings of one sample: sign or float, bits, byte order; named as GStreamer's sample formats, in lower case.

s8 u8   s16le ... u32be   s24le: three bytes   s24_32le: the lower three of four bytes   f32le ... f64be
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Encoding:
    """Storage of a sample.

    Attributes:
        dtype: NumPy type of a stored sample; of its 32-bit form for three bytes.
        num_bytes: Bytes of a sample.
        unused_bits: Upper bits of a stored sample that have no meaning.
    """

    dtype: np.dtype[np.generic]
    num_bytes: int
    unused_bits: int = 0

    def decode(self, data: bytes) -> npt.NDArray[np.float32]:
        """Return the samples (N,) of N * `num_bytes` bytes: integers scaled to [-1, 1), floats unchanged."""
        stored = np.frombuffer(data, self.dtype) if self.num_bytes == self.dtype.itemsize else self._widened(data)
        if self.dtype.kind == "f":
            with np.errstate(over="ignore"):  # beyond float32: infinite
                return stored.astype(np.float32)
        if self.unused_bits:
            stored = np.left_shift(stored, self.unused_bits)
        full_scale = 2.0 ** (8 * self.dtype.itemsize - 1)
        middle = full_scale if self.dtype.kind == "u" else 0.0
        return ((stored.astype(np.float64) - middle) / full_scale).astype(np.float32)

    def _widened(self, data: bytes) -> npt.NDArray[np.generic]:
        """Put a byte of zeros below the three of each sample."""
        samples = np.zeros((len(data) // self.num_bytes, self.dtype.itemsize), dtype=np.uint8)
        stored = np.frombuffer(data, np.uint8).reshape(-1, self.num_bytes)
        if self.dtype.byteorder == ">":
            samples[:, :self.num_bytes] = stored
        else:
            samples[:, -self.num_bytes:] = stored
        return samples.view(self.dtype)[:, 0]


def _encodings() -> dict[str, Encoding]:
    found = {"s8": Encoding(np.dtype("i1"), 1), "u8": Encoding(np.dtype("u1"), 1)}
    for suffix, order in (("le", "<"), ("be", ">")):
        for sign, kind in (("s", "i"), ("u", "u")):
            two, four = np.dtype(f"{order}{kind}2"), np.dtype(f"{order}{kind}4")
            found |= {f"{sign}16{suffix}": Encoding(two, 2), f"{sign}24{suffix}": Encoding(four, 3),
                      f"{sign}24_32{suffix}": Encoding(four, 4, unused_bits=8), f"{sign}32{suffix}": Encoding(four, 4)}
        found |= {f"f32{suffix}": Encoding(np.dtype(f"{order}f4"), 4),
                  f"f64{suffix}": Encoding(np.dtype(f"{order}f8"), 8)}
    return found


ENCODINGS = _encodings()
