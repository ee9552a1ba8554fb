"""Kind of hostile message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Rng = np.random.Generator
DIGITS = "9" * 5000


@dataclass(frozen=True)
class Kind:
    """Kind of hostile message.

    Attributes:
        name: Name in the table.
        topic: Topic.
        type: Message class.
        make: Makes one message.
        is_lie: Whether the message states joint positions that are possible and false.
    """

    name: str
    topic: str
    type: Any
    make: Callable[[Rng], Any]
    is_lie: bool = False
