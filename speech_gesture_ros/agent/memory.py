"""What a process does once, after loading and before it must keep time."""

from __future__ import annotations

import gc


def settle_memory() -> None:
    """Take all that is loaded out of the garbage collector's rounds.

    Libraries and models are a million objects that stay; looking through them takes milliseconds, in the middle of a
    hop. What is made afterwards is collected as ever.
    """
    gc.unfreeze()  # what an earlier call put aside may be garbage by now
    gc.collect()
    gc.freeze()
