"""Theories of emergence as things one can compute: one module a theory.

`causal` (effective information, coarse-grainings, the criteria of Rosas et al.), `quanta`, `percolation`,
`composition`, `singular` (learning coefficients), `exponents` (theories of scaling exponents), and `scorecard`, which
sets their predictions against the claims of this book.
"""
