"""The command line: `s2sad grad`, `s2sad show`, `s2sad --check`, `s2sad --diff`."""

from s2sad.cli.main import main

__all__ = ["main"]
