"""Scripts that run inside a peer's own environment: they import the peer, and nothing of ours."""
