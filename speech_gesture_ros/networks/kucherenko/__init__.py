"""The model of Kucherenko et al. (2019): windows of speech features to a motion representation to poses, in NumPy."""
