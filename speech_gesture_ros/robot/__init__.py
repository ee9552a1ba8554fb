"""Robot layer: description files, anatomy, limits, kinematics, collision shapes, command interfaces."""
