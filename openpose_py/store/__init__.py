"""Model files on this machine: which are there, getting, checking and importing them."""
