"""LiveCrew: datasets, scorers, gates and reports."""
