"""The records that only pages, checks and commands need, and the one table of every kind."""
