"""The watch worker: reads the journal, keeps the store, judges windows that have closed."""
