"""Parts of tools/measure_gpu.py. Only `operators` and `clocks` touch PyTorch, and they are handed the module."""
