"""What is used on this machine, why not more, and what to type: `openpose-py doctor`."""
