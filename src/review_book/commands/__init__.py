"""The command line: ``review`` and its commands."""
