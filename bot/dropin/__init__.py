"""``preadmit apply`` and ``test``: what Kyverno's own command line does, with the same words and exit codes."""
