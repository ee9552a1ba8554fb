"""Composed motion: human gestures composed by rule for recorded speech, which the default model is trained on."""
