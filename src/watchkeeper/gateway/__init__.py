"""The data plane: decode, route, predict, answer; capture off the request path."""
