"""Executing notebooks: the contents, what an output depends on, kernels, comparison with references."""
