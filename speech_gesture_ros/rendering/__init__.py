"""What people look at: robot, human, waveform, plots; as a video or live in a browser."""
