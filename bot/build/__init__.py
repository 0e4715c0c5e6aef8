"""From a tree of files to the manifests in it."""
