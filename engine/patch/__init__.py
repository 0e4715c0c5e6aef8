"""What mutate rules do to a resource: strategic merge patches, JSON patches, and the difference that they make."""
