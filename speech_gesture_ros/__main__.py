"""`python -m speech_gesture_ros` is `speech-gesture`."""

import sys

from speech_gesture_ros.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
