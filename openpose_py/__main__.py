"""`python -m openpose_py` is the command `openpose-py`."""

from openpose_py.cli.app import main

main()
