"""Training of the face model: synthesised speech with known phone times, and recorded faces, to a bundle."""
