"""Theories of emergence as things one can compute: one module a theory.

`causal` (effective information, coarse-grainings, the criteria of Rosas et al.), `quanta`, `percolation`,
`composition`, `singular` (learning coefficients), `exponents` (theories of scaling exponents) and `widths` (the fall of
loss with width). What theories predicted stands beside what was measured in `emergence.records.predictions`.
"""
