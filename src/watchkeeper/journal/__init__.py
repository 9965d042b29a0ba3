"""The journal: durable, ordered, bounded. What is appended here is acknowledged; the watch worker reads it."""
