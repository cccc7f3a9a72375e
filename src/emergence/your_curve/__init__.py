"""Bring your own curve: what made it, what comes next, and what to measure to know."""
