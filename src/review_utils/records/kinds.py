"""What a kind of record is: a package names its own in a table of these, and the engine gathers the tables."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of record.

    Parameters
    ----------
    name : str
        What `Records` calls all records of the kind.
    load : str
        What reads them, as ``module:function``: from the data folder, and the records that `needs` names, to all
        records of the kind.
    schemas : tuple
        Each a schema for editors: its name, the model that it describes, and whether a file holds a list of records.
    needs : tuple of str
        Kinds whose records the loader is handed.
    files : tuple of str
        What it reads of the data folder, as patterns (``laws/*.yml``).
    download : str
        What its ``rows()`` are called among the downloads, where they are offered as JSON under its name.
    """

    name: str
    load: str
    schemas: tuple[tuple[str, str, bool], ...]
    needs: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    download: str = ""
