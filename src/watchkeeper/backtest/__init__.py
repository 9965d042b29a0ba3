"""A team's own history, judged as if it had been watched: what would have paged, when, and what truly happened."""
