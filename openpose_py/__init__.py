"""openpose-py: people in pictures and videos into skeletons, with OpenPose's command line."""
