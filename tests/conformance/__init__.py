"""The reference's own data, run in place beside the checkout; absent, it is skipped with a line that says so."""
