"""Counts of the interventions of a motion planner."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class SafetyReport:
    """Counts since the planner was made; all but the first are 0 while targets are feasible and in time.

    Attributes:
        knots: Committed knots.
        clamped: Joint-knots at which the target was beyond a limit and the motion was changed.
        failsafe_continued: Joint-knots at which no new failsafe trajectory was possible and the present one went on.
        collision_brakes: Knots at which the whole robot braked because all other motion led into self-collision.
        recovery_knots: Knots at which collision recovery chose the motion.
        non_finite_targets: Knots with NaN or infinity in the target.
        late_targets: Targets of knots that were frozen already.
    """

    knots: int = 0
    clamped: int = 0
    failsafe_continued: int = 0
    collision_brakes: int = 0
    recovery_knots: int = 0
    non_finite_targets: int = 0
    late_targets: int = 0
