"""Training of the default model: composed motion, detection of speech cues, decoder of the strokes."""
