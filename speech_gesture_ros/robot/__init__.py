"""What is known of a robot: description files, anatomy, limits, kinematics, collision shapes, command interfaces."""
