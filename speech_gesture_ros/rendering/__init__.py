"""Pictures of robot, human, waveform and plots, as a film, a picture or a page in a browser."""
