"""Inbound events other than inferences: feedback on predictions."""
