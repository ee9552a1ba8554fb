"""Methods that every streaming stage has.

    push(chunk) -> chunk     output frames that later input cannot change, any number of them
    flush()     -> chunk     remaining frames, as if the input continued with silence, rest or its last frame
    reset()                  forget the stream: equal to a new stage; a stage may state that its random draws go on
    latency_s                output for stream time t is complete once input up to t + latency_s has been pushed

Rules, tested for every stage in ``test/contracts/test_every_stage.py``: any chunking gives the offline answer;
later input never changes earlier output; the declared latency is the measured one; reset equals new; equal input
gives equal output; silence, NaN, empty, clipped, very large and one-sample chunks have a defined result.
"""

from __future__ import annotations

from typing import Protocol, TypeVar

from speech_gesture_ros.core.chunks import Chunk

In = TypeVar("In", bound=Chunk, contravariant=True)
Out = TypeVar("Out", bound=Chunk, covariant=True)


class Stage(Protocol[In, Out]):
    """Streaming stage with one state, independent of other stages."""

    @property
    def latency_s(self) -> float:
        """Algorithmic delay of this stage [s]."""
        ...

    def push(self, chunk: In) -> Out:
        """Take consecutive input; return the output that later input cannot change."""
        ...

    def flush(self) -> Out:
        """Return the remaining output. Afterwards only `reset` may be called."""
        ...

    def reset(self) -> None:
        """Forget the stream."""
        ...
