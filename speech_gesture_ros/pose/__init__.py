"""Human 3-D joints made fit for a body: smoothing, idle motion, blending, BVH."""
