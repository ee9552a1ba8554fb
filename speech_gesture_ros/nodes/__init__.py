"""ROS 2 nodes: the only folder that imports rclpy and message packages.

One thread for linear algebra, set before numpy is imported because it cannot be changed later: the matrices are so
small that a second thread costs milliseconds of waking up and gains nothing. A value set by the user is kept.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
