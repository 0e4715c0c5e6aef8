"""An image registry on the loopback interface, as far as its API is read (opencontainers/distribution-spec)."""
