"""How well a model does: metrics of its predictions against the labels that came for them, from additive tallies."""
