"""SpeechE: speech and a gesture code become the motion representation z, some frames after the speech was heard.

    input frames   0 . . . . . k . . . . k+L            the newest frame heard is k + L, the pose made is k
                               │         │
    hear    causal TCN ──► h   ●    ●    ●              taps at k, k + L/2, k + L
    foresee            ──► u   ├─────────┤              a kernel from just before k to k + L, cut at L
    move    codes, phase, L, taps, foresight ──► GRU ──► smoothing ──► z[k]

Timing is why it has this shape. A network that only sees the newest frame has to count the frames from an accent
heard to the stroke that should end on it; it learns the gestures but not their timing. So what was heard is shown
in pose time: position o of the foresight kernel always means "o frames from now", for every look-ahead, and a
shorter look-ahead just cuts the kernel. One set of weights serves all of them.

Nothing is padded but the past: a convolution keeps the frames that it needs from the step before. Training on
sequences, streaming and offline use are therefore the same function, `forward`, on any number of frames.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from speech_gesture_ros.core.errors import ConfigError
from speech_gesture_ros.networks.speech_to_motion.network_config import MAX_LOOK_AHEAD, SpeechToMotionConfig


@dataclass(frozen=True)
class CodeTensors:
    """What to gesture, for K pose frames.

    Attributes:
        code: (B, K) int64 code of the segment that a frame is in.
        next_code: (B, K) int64 code of the segment after it.
        phase: (B, K) position in the segment, 0 to 1.
        remaining: (B, K) time until the next segment [s].
        variation: (B, K, V) of the segment; None if the codes have none.
        activity: (B, K) how lively; None if the network is not told.
    """

    code: Tensor
    next_code: Tensor
    phase: Tensor
    remaining: Tensor
    variation: Tensor | None = None
    activity: Tensor | None = None


@dataclass(frozen=True)
class SpeechState:
    """Everything SpeechE remembers between steps.

    Attributes:
        layers: For each convolution (B, 2 * dilation, C) its last inputs.
        heard: (B, history, C) the last outputs of the convolutions.
        hidden: (1, B, H) of the recurrent layer.
        unsmoothed: (B, taps - 1, D) last z before smoothing; None before the first pose frame.
        seen: Input frames so far.
    """

    layers: tuple[Tensor, ...]
    heard: Tensor
    hidden: Tensor
    unsmoothed: Tensor | None
    seen: int


class CausalConvolution(nn.Module):
    """Three taps, dilated, looking back only, with a residual path."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.taps = nn.Linear(3 * channels, channels)

    def forward(self, frames: Tensor, past: Tensor) -> tuple[Tensor, Tensor]:
        """(B, T, C) new frames and (B, 2 * dilation, C) frames before them to outputs and the next past."""
        count, dilation = frames.shape[1], self.dilation
        known = torch.cat([past, frames], dim=1)
        seen = torch.cat([known[:, :count], known[:, dilation:dilation + count], frames], dim=2)  # (B, T, 3C)
        return frames + self.taps(functional.relu(seen)), known[:, count:]


class SpeechE(nn.Module):
    """Speech encoder."""

    def __init__(self, config: SpeechToMotionConfig) -> None:
        super().__init__()
        self.config = config
        channels = config.channels
        self.embed = nn.Linear(config.frame_size, channels)
        self.convolutions = nn.ModuleList(CausalConvolution(channels, d) for d in config.dilations)
        self.events = nn.Linear(channels, 2 * len(config.accent_lags))
        self.outlook = nn.Linear(channels, config.foresight)
        span = config.foresight_past + 1 + MAX_LOOK_AHEAD
        self.foresight = nn.Linear(span * config.foresight, channels)
        self.taps = nn.Linear(3 * channels, channels)
        self.codes = nn.Embedding(config.num_codes, config.code_size)
        self.look_aheads = nn.Embedding(MAX_LOOK_AHEAD + 1, channels)
        self.register_buffer("waves", torch.pi * torch.arange(1.0, 5.0), persistent=False)
        self.plan: nn.Module = nn.Linear(config.plan_size, channels)
        if config.plan_hidden:  # sizes, places and activity multiply: one linear layer cannot
            self.plan = nn.Sequential(nn.Linear(config.plan_size, config.plan_hidden), nn.ReLU(),
                                      nn.Linear(config.plan_hidden, channels))
        self.recurrent = nn.GRU(channels, config.hidden, batch_first=True)
        self.out = nn.Sequential(nn.Linear(config.hidden + channels, channels), nn.ReLU(),
                                 nn.Linear(channels, config.z_size))
        with torch.no_grad():
            self.look_aheads.weight.mul_(0.1)
        self.dropout = nn.Dropout(0.0)  # training sets its share
        self.register_buffer("smoothing", torch.tensor(config.smoothing), persistent=False)

    def initial_state(self, batch: int = 1) -> SpeechState:
        """The state before the first frame: nothing was heard."""
        config, like = self.config, self.embed.weight
        return SpeechState(
            layers=tuple(like.new_zeros(batch, 2 * d, config.channels) for d in config.dilations),
            heard=like.new_zeros(batch, config.history, config.channels),
            hidden=like.new_zeros(1, batch, config.hidden),
            unsmoothed=None,
            seen=0,
        )

    def forward(self, frames: Tensor, codes: CodeTensors, state: SpeechState,
                look_ahead: int) -> tuple[Tensor, Tensor, SpeechState]:
        """Hear T frames, and represent the K pose frames which they complete.

        Args:
            frames: (B, T, F) normalised input frames, T >= 0.
            codes: What to gesture in pose frames `poses_before(state)` to `poses_before(state) + K`.
            state: After the frames before.
            look_ahead: Frames from a pose to the newest frame it may use, 0 to `MAX_LOOK_AHEAD`.

        Returns:
            (B, K, D) z; (B, T, C) what was heard in the new frames, for `hear_events`; the next state.
        """
        heard, layers = self._hear(frames, state.layers)
        heard = self.dropout(heard)
        known = torch.cat([state.heard, heard], dim=1)  # (B, history + T, C)
        count = codes.code.shape[1]
        next_heard = known[:, frames.shape[1]:]
        seen = state.seen + frames.shape[1]
        if count == 0:
            z = frames.new_zeros(frames.shape[0], 0, self.config.z_size)
            unsmoothed, hidden = state.unsmoothed, state.hidden
        else:
            recent = known[:, known.shape[1] - count - self.config.history:]
            drive = self.dropout(self._drive(recent, codes, look_ahead))
            moved, hidden = self.recurrent(drive, state.hidden)
            z, unsmoothed = self._smooth(self.out(torch.cat([moved, drive], dim=2)), state.unsmoothed)
        return z, heard, SpeechState(layers, next_heard, hidden, unsmoothed, seen)

    def hear_events(self, heard: Tensor) -> Tensor:
        """(B, T, C) to (B, T, 2, lags): logits of an accent, and of speech, `accent_lags` before each input frame.

        Only training asks: it makes sure that what is heard includes the accents.
        """
        return self.events(heard).unflatten(2, (2, -1))

    def _hear(self, frames: Tensor, pasts: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
        heard, layers = self.embed(frames), []
        for convolution, past in zip(self.convolutions, pasts):
            heard, kept = convolution(heard, past)
            layers.append(kept)
        return heard, tuple(layers)

    def _drive(self, known: Tensor, codes: CodeTensors, look_ahead: int) -> Tensor:
        """(B, history + K, C) heard frames, the newest last, to (B, K, C): all that the K poses are made from."""
        config, count = self.config, codes.code.shape[1]
        now = config.history - look_ahead  # where pose frame 0 of this call lies in `known`
        taps = [known[:, now + offset:now + offset + count] for offset in (0, look_ahead // 2, look_ahead)]
        width = (config.foresight_past + 1 + look_ahead) * config.foresight
        outlook = self.outlook(known[:, now - config.foresight_past:])  # (B, past + K + look_ahead, U)
        ahead = outlook.unfold(1, width // config.foresight, 1)  # (B, K, U, span)
        foresight = functional.linear(ahead.transpose(2, 3).flatten(2), self.foresight.weight[:, :width],
                                      self.foresight.bias)
        plan = self.plan(self._told(codes))
        return functional.relu(foresight + self.taps(torch.cat(taps, dim=2)) + plan
                               + self.look_aheads.weight[look_ahead])

    def _told(self, codes: CodeTensors) -> Tensor:
        """(B, K, plan_size) what the plan is made from."""
        until = codes.remaining[:, :, None]
        told = [self.codes(codes.code), self.codes(codes.next_code), torch.cos(self.waves * codes.phase[:, :, None]),
                0.5 * until, (-2.0 * until).exp()]
        if self.config.variations:
            if codes.variation is None or codes.variation.shape[-1] != self.config.variations:
                raise ConfigError("variation of the codes", None if codes.variation is None else
                                  tuple(codes.variation.shape), f"{self.config.variations} columns",
                                  "Draw codes from the process of the same bundle.")
            told.append(codes.variation)
        if self.config.plan_hidden:
            activity = torch.ones_like(codes.phase) if codes.activity is None else codes.activity
            told.append(activity[:, :, None])
        return torch.cat(told, dim=2)

    def _smooth(self, raw: Tensor, before: Tensor | None) -> tuple[Tensor, Tensor]:
        """Filter (B, K, D) with the fixed kernel; the first frame ever is taken to have stood still before."""
        taps = len(self.smoothing)
        if before is None:
            before = raw[:, :1].expand(-1, taps - 1, -1)
        known = torch.cat([before, raw], dim=1)
        return known.unfold(1, taps, 1) @ self.smoothing, known[:, raw.shape[1]:]
