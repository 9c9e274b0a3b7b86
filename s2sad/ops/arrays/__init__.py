"""The array primitives: how each prints, the types of its results, its derivative rules."""
