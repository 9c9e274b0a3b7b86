"""Random programs, an oracle independent of the compiler, and a comparison."""
