"""LiveCrew: one module per evaluation suite."""
