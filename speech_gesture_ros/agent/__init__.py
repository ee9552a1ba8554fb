"""A gesturing agent in real time, without ROS: live audio, gesture requests, engagement of the robot."""
