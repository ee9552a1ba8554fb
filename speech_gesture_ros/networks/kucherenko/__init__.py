"""Model of Kucherenko et al. (2019), in NumPy: windows of speech features, motion representation, poses."""
