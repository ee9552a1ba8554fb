"""The ROS rim: the only folder that knows rclpy and message packages.

Set before numpy is loaded, for it cannot be changed later: one thread for linear algebra. Our matrices are so small
that a second thread costs milliseconds of waking up and gains nothing. What the user sets stays.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
