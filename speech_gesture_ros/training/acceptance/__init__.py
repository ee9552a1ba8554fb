"""What the default model promises: the figures, their bounds, and how they are told."""
