"""Pictures of one person from pictures of the keypoints: generator, critic, bundle, stage."""
