"""Post-processing of human poses: smoothing, idle motion, blending, requested gestures, amplitude; BVH files."""
