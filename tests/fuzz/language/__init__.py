"""Random programs with classes, closures, dicts, comprehensions, exceptions, patterns, …"""
