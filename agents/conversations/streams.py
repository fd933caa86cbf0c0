def stream_name(conversation_id: str) -> str:
    return f"conversation:{conversation_id}"
