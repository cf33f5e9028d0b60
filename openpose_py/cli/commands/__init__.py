"""One file a command of `openpose-py`: what can be typed. Heavy packages load when it runs."""
