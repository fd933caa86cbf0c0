"""LiveCrew: HTTP in, HTTP out."""
