"""The kernels: CUDA sources, and what launches them."""
