"""Models: what a model is (`model`), how one is opened (`model_registry`), and one folder for each architecture."""
