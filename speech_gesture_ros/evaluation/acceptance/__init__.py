"""Acceptance of the default model: criteria with bounds, measured on speakers that were not trained on."""
