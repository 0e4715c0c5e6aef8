"""Work on disk."""
