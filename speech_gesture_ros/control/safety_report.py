"""What the planner had to do to keep the robot safe, counted since it was made."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class SafetyReport:
    """Counts; all but the first are 0 as long as the motion asked for is possible and comes in time.

    Attributes:
        knots: Knots promised for good.
        clamped: Joint-knots at which the motion asked for was beyond a limit and was changed.
        failsafe_continued: Joint-knots at which a brake already promised was followed for want of a better proof.
        collision_brakes: Knots at which the whole robot braked because going on led into itself.
        recovery_knots: Knots at which it went round because the straight way to its target led into itself.
        non_finite_targets: Knots with NaN or infinity in the target.
        late_targets: Target knots that came after the robot had to know.
    """

    knots: int = 0
    clamped: int = 0
    failsafe_continued: int = 0
    collision_brakes: int = 0
    recovery_knots: int = 0
    non_finite_targets: int = 0
    late_targets: int = 0
