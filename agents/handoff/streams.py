QUEUE_STREAM = "queue"
"""The desk's stream of one shop: every move of every handoff (events carry their shop already)."""
