"""What runs a network: which engine, in which arithmetic, with how many threads."""
