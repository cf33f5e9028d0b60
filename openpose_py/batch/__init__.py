"""Many inputs in one command: a plan of jobs, workers that do them whole or not at all, reports."""
