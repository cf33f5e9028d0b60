"""Evaluation: what was found against what is there. Reads files or runs a model, gives figures."""
