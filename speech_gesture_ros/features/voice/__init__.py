"""Measures of a voice from a whole recording: pitch, formants and vocal tract, rate, level, breathiness."""
