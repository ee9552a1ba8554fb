"""Speech to articulation: a small causal network, for streams."""
