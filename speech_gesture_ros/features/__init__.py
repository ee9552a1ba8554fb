"""Speech features: streaming log-mel and prosody that do not change with the gain of the input."""
