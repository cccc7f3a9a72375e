"""Numbers: tables typed from papers, traces of our own runs, data sets of others."""
