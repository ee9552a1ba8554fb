"""Evaluation of a speech-driven face: measures on speech of known phone times, on recorded faces and without speech."""
