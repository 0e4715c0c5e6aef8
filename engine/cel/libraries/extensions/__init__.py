"""The libraries of cel-go's package ext."""
