"""The scalar primitives and their derivative rules."""
