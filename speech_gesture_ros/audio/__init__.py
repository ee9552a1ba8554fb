"""Audio of any format to 16 kHz mono samples with known gaps, and voice activity."""
