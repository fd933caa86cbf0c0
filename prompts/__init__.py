"""LiveCrew: prompt files and the one loader that renders them."""
