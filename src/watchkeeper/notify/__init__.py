"""Telling people: senders, one file each, and the loop that drains the outbox."""
