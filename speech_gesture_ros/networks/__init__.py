"""The gesture network: SpeechE, MotionD, the bundle they come in, and the stage that runs them. Needs torch."""
