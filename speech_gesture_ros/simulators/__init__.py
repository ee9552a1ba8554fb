"""The robot where there is none: MuJoCo physics behind the rules of joint_trajectory_controller."""
