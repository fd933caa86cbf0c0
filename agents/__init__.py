"""LiveCrew: the crew — support, narration, selection and what they share."""
