"""The control API: one file a resource, thin over the store. The console calls the same functions."""
