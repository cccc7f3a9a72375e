"""What a notebook of the review imports: its records, its data, and how results are shown.

Depends on no other package of this repository. Importing it loads nothing heavy.
"""
