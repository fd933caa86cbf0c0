"""LiveCrew: what the shop knows — facts, documents, retrieval."""
