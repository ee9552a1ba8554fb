"""Garbage collection of a process that must keep time."""

from __future__ import annotations

import gc


def freeze_loaded_objects() -> None:
    """Exclude all present objects from garbage collection; call once, after loading.

    Libraries and models are a million objects that stay; checking them takes milliseconds, in the middle of a hop.
    Objects made afterwards are collected as usual.
    """
    gc.unfreeze()  # objects that an earlier call froze may be garbage by now
    gc.collect()
    gc.freeze()
