"""How fast everything is on this machine, beside what others need for the same: `bench`."""
