"""The one verb set of everything that streams.

    push(chunk) -> chunk     what can be said for certain now, often less or more than one frame
    flush()     -> chunk     the tail, as if the input went on with nothing (the stage says what nothing is)
    reset()                  forget everything: equal to a new stage
    latency_s                output for stream time t is complete once input up to t + latency_s has been pushed

Laws, tested for every stage in ``test/contracts/test_every_stage.py``: any chunking gives the offline answer;
later input never changes earlier output; declared latency is the measured one; reset equals new; same input,
same output; silence, NaN, empty, clipped, enormous and one-sample chunks have a defined result.
"""

from __future__ import annotations

from typing import Protocol, TypeVar

from speech_gesture_ros.core.chunks import Chunk

In = TypeVar("In", bound=Chunk, contravariant=True)
Out = TypeVar("Out", bound=Chunk, covariant=True)


class Stage(Protocol[In, Out]):
    """A streaming stage: owns exactly one state, knows no other stage."""

    @property
    def latency_s(self) -> float:
        """Algorithmic delay this stage adds [s]."""
        ...

    def push(self, chunk: In) -> Out:
        """Feed consecutive input; return the output that no later input can change."""
        ...

    def flush(self) -> Out:
        """Drain the tail. After it only `reset` may be called."""
        ...

    def reset(self) -> None:
        """Forget everything."""
        ...
