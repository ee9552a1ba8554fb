"""The default architecture: SpeechE, MotionD, their bundle, and the stage that runs them.

`torch_network` defines the network and is trained; `numpy_network` runs it on a CPU without torch.
"""
