"""Speech2Gesture (Ginosar et al., CVPR 2019): log-mel windows to 2-D keypoints, lifted to the canonical skeleton."""
