"""Frames of a face in the forms that other programs and robots receive. No sockets and no ROS: nodes send them."""
