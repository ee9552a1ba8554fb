"""SpeechE: speech and gesture codes to the motion representation z, `look_ahead` frames after the speech came in.

    input frames   0 . . . . . k . . . . k+L            the newest input frame is k + L, the pose made is k
                               │         │
    encode   causal TCN ─► e   ●    ●    ●              taps at k, k + L/2, k + L
    project            ─► u    ├─────────┤              look-ahead kernel from just before k to k + L, cut at L
    move     conditioning (codes, phase), L, taps, kernel ──► GRU ──► smoothing ──► z[k]

The shape of the network is due to timing. A network that sees only the newest frame has to count the frames from an
accent to the stroke that should end on it; in training it learned the gestures but not their timing. So encoded speech
is given relative to the pose frame: position o of the look-ahead kernel always means "o frames from now", for every
look-ahead, and a shorter look-ahead cuts the kernel. One set of weights serves all look-aheads.

Only the past is padded: a convolution keeps the frames that it needs from the step before. Training on sequences,
streaming and offline use are therefore the same function, `forward`, on any number of frames.
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
    """Gesture codes of K pose frames; see `code_sampler.CodeFrames`.

    Attributes:
        code: (B, K) int64 code of the segment that a frame is in.
        next_code: (B, K) int64 code of the segment after it.
        phase: (B, K) position in the segment, 0 to 1.
        remaining: (B, K) time until the next segment [s].
        variation: (B, K, V) of the segment; None if the codes have none.
        activity: (B, K), 0 rests, 1 usual; None for 1, or if the network does not take it.
    """

    code: Tensor
    next_code: Tensor
    phase: Tensor
    remaining: Tensor
    variation: Tensor | None = None
    activity: Tensor | None = None


@dataclass(frozen=True)
class SpeechState:
    """State of SpeechE between steps.

    Attributes:
        layers: For each convolution (B, 2 * dilation, C) its last inputs.
        encoded: (B, history, C) the last outputs of the convolutions.
        hidden: (1, B, H) of the recurrent layer.
        unsmoothed: (B, taps - 1, D) last z before smoothing; None before the first pose frame.
        num_frames: Input frames so far.
    """

    layers: tuple[Tensor, ...]
    encoded: Tensor
    hidden: Tensor
    unsmoothed: Tensor | None
    num_frames: int


class CausalConvolution(nn.Module):
    """Dilated causal convolution with three taps and a residual path."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.taps = nn.Linear(3 * channels, channels)

    def forward(self, frames: Tensor, past: Tensor) -> tuple[Tensor, Tensor]:
        """(B, T, C) new frames and (B, 2 * dilation, C) frames before them to outputs and the next past."""
        count, dilation = frames.shape[1], self.dilation
        known = torch.cat([past, frames], dim=1)
        tapped = torch.cat([known[:, :count], known[:, dilation:dilation + count], frames], dim=2)  # (B, T, 3C)
        return frames + self.taps(functional.relu(tapped)), known[:, count:]


class SpeechE(nn.Module):
    """Speech encoder."""

    def __init__(self, config: SpeechToMotionConfig) -> None:
        super().__init__()
        self.config = config
        channels = config.channels
        self.embed = nn.Linear(config.frame_size, channels)
        self.convolutions = nn.ModuleList(CausalConvolution(channels, d) for d in config.dilations)
        self.event_head = nn.Linear(channels, 2 * len(config.accent_lags))
        self.look_ahead_projection = nn.Linear(channels, config.look_ahead_channels)
        span = config.look_ahead_past + 1 + MAX_LOOK_AHEAD
        self.look_ahead_kernel = nn.Linear(span * config.look_ahead_channels, channels)
        self.look_ahead_taps = nn.Linear(3 * channels, channels)
        self.code_embedding = nn.Embedding(config.num_codes, config.code_size)
        self.look_ahead_embedding = nn.Embedding(MAX_LOOK_AHEAD + 1, channels)
        self.register_buffer("phase_waves", torch.pi * torch.arange(1.0, 5.0), persistent=False)
        self.conditioning: nn.Module = nn.Linear(config.conditioning_size, channels)
        if config.conditioning_hidden:  # size, place and activity multiply: one linear layer cannot
            self.conditioning = nn.Sequential(nn.Linear(config.conditioning_size, config.conditioning_hidden),
                                              nn.ReLU(), nn.Linear(config.conditioning_hidden, channels))
        self.recurrent = nn.GRU(channels, config.hidden, batch_first=True)
        self.output = nn.Sequential(nn.Linear(config.hidden + channels, channels), nn.ReLU(),
                                    nn.Linear(channels, config.z_size))
        with torch.no_grad():
            self.look_ahead_embedding.weight.mul_(0.1)
        self.dropout = nn.Dropout(0.0)  # training sets its share
        self.register_buffer("smoothing", torch.tensor(config.smoothing), persistent=False)

    def initial_state(self, batch: int = 1) -> SpeechState:
        """Return the state before the first frame, all zero."""
        config, like = self.config, self.embed.weight
        return SpeechState(
            layers=tuple(like.new_zeros(batch, 2 * d, config.channels) for d in config.dilations),
            encoded=like.new_zeros(batch, config.history, config.channels),
            hidden=like.new_zeros(1, batch, config.hidden),
            unsmoothed=None,
            num_frames=0,
        )

    def forward(self, frames: Tensor, codes: CodeTensors, state: SpeechState,
                look_ahead: int) -> tuple[Tensor, Tensor, SpeechState]:
        """Encode T frames, and represent the K pose frames that they complete.

        Args:
            frames: (B, T, F) normalised input frames, T >= 0.
            codes: Of pose frames `num_poses(state.num_frames, L)` to `num_poses(state.num_frames, L) + K`.
            state: After the frames before.
            look_ahead: L, frames from a pose to the newest frame it may use, 0 to `MAX_LOOK_AHEAD`.

        Returns:
            (B, K, D) z; (B, T, C) encoded speech of the new frames, for `event_logits`; the next state.
        """
        encoded, layers = self._encode(frames, state.layers)
        encoded = self.dropout(encoded)
        known = torch.cat([state.encoded, encoded], dim=1)  # (B, history + T, C)
        count = codes.code.shape[1]
        next_encoded = known[:, frames.shape[1]:]
        num_frames = state.num_frames + frames.shape[1]
        if count == 0:
            z = frames.new_zeros(frames.shape[0], 0, self.config.z_size)
            unsmoothed, hidden = state.unsmoothed, state.hidden
        else:
            recent = known[:, known.shape[1] - count - self.config.history:]
            inputs = self.dropout(self._recurrent_input(recent, codes, look_ahead))
            moved, hidden = self.recurrent(inputs, state.hidden)
            z, unsmoothed = self._smooth(self.output(torch.cat([moved, inputs], dim=2)), state.unsmoothed)
        return z, encoded, SpeechState(layers, next_encoded, hidden, unsmoothed, num_frames)

    def event_logits(self, encoded: Tensor) -> Tensor:
        """(B, T, C) to (B, T, 2, lags): logits of an accent, and of speech, `accent_lags` before each input frame.

        Used in training only: an auxiliary loss keeps the accents in the encoded speech.
        """
        return self.event_head(encoded).unflatten(2, (2, -1))

    def _encode(self, frames: Tensor, pasts: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
        encoded, layers = self.embed(frames), []
        for convolution, past in zip(self.convolutions, pasts):
            encoded, kept = convolution(encoded, past)
            layers.append(kept)
        return encoded, tuple(layers)

    def _recurrent_input(self, known: Tensor, codes: CodeTensors, look_ahead: int) -> Tensor:
        """(B, history + K, C) encoded frames, the newest last, to (B, K, C): the GRU's input for K poses."""
        config, count = self.config, codes.code.shape[1]
        now = config.history - look_ahead  # index in `known` of pose frame 0 of this call
        taps = [known[:, now + offset:now + offset + count] for offset in (0, look_ahead // 2, look_ahead)]
        span = config.look_ahead_past + 1 + look_ahead
        projected = self.look_ahead_projection(known[:, now - config.look_ahead_past:])  # (B, past + K + look_ahead, U)
        windows = projected.unfold(1, span, 1)  # (B, K, U, span)
        kernel = functional.linear(windows.transpose(2, 3).flatten(2),
                                   self.look_ahead_kernel.weight[:, :span * config.look_ahead_channels],
                                   self.look_ahead_kernel.bias)
        conditioning = self.conditioning(self._conditioning_input(codes))
        return functional.relu(kernel + self.look_ahead_taps(torch.cat(taps, dim=2)) + conditioning
                               + self.look_ahead_embedding.weight[look_ahead])

    def _conditioning_input(self, codes: CodeTensors) -> Tensor:
        """(B, K, conditioning_size): embedded codes, phase as cosines, time left, variation, activity."""
        until = codes.remaining[:, :, None]
        columns = [self.code_embedding(codes.code), self.code_embedding(codes.next_code),
                   torch.cos(self.phase_waves * codes.phase[:, :, None]), 0.5 * until, (-2.0 * until).exp()]
        if self.config.variations:
            if codes.variation is None or codes.variation.shape[-1] != self.config.variations:
                raise ConfigError("variation of the codes", None if codes.variation is None else
                                  tuple(codes.variation.shape), f"{self.config.variations} columns",
                                  "Draw codes from the process of the same bundle.")
            columns.append(codes.variation)
        if self.config.conditioning_hidden:
            activity = torch.ones_like(codes.phase) if codes.activity is None else codes.activity
            columns.append(activity[:, :, None])
        return torch.cat(columns, dim=2)

    def _smooth(self, raw: Tensor, before: Tensor | None) -> tuple[Tensor, Tensor]:
        """Filter (B, K, D) with the fixed kernel; before the first frame of a stream, that frame is repeated."""
        taps = len(self.smoothing)
        if before is None:
            before = raw[:, :1].expand(-1, taps - 1, -1)
        known = torch.cat([before, raw], dim=1)
        return known.unfold(1, taps, 1) @ self.smoothing, known[:, raw.shape[1]:]
