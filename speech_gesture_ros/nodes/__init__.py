"""The rim: the only place that knows ROS. Nodes wire; `conversions` and `audio_messages` alone touch messages."""
