"""Simulated robots: MuJoCo physics, or ideal joints, behind the rules of joint_trajectory_controller."""
