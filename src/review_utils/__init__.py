"""Emergence Studies: the package behind the review.

Modules bear the chapters' names; see the page "How this book is made" for the floors they stand on.
Importing the package itself loads nothing heavy.
"""

__version__ = "0.1.0"
