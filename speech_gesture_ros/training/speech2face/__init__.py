"""Training of Speech2Face on voices and the faces that belong to them."""
