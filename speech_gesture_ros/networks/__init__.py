"""The gesture network: SpeechE, MotionD, the bundle they come in, and the stage that runs them.

`gesture_network` (torch) defines it and is trained; `numpy_network` runs it on a CPU without torch.
"""
