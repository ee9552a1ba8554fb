"""Stages put together: speech to poses, and to configurations of a robot."""
