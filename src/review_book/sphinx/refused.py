"""What ends a build for something that an author wrote."""

from sphinx.errors import ExtensionError


class Refused(ExtensionError):
    """The book cannot be built as it stands; the message names files and lines."""

    category = "Refused"  # what Sphinx prints above the message
