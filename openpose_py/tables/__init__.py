"""Folders of OpenPose's JSON as tables, angles and OpenSim's files; and tables as JSON again."""
