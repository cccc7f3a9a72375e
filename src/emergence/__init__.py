"""The science of the review: a folder a chapter, functions of arrays and frames.

Depends on `review_utils` alone; notebooks import it.
"""
