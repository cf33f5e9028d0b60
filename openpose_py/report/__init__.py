"""People over time as one page to look at: from OpenPose's JSON, or while a run is under way."""
