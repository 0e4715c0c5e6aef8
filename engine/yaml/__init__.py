"""YAML and JSON text to values, with the scalars and keys that the reference's loader makes of them."""
