"""Libraries of functions, one module each, offering what ``Environment(libraries=...)`` takes."""
