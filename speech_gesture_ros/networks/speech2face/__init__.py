"""Speech2Face: the voice of a speaker to a face feature, and to a face that fits."""
