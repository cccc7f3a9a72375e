"""The Sphinx extension: directives, roles, transforms."""
