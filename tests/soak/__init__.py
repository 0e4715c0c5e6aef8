"""Long runs of the whole service."""
