"""Maps at the size of the network's input: Catmull-Rom as OpenPose's CUDA build does it."""
