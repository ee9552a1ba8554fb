"""Real-time agent without ROS: live audio, gesture requests, state machine of the motion, loop around the agent."""
