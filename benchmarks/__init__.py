"""The same work timed side by side: ratios against a yardstick of the same run, never seconds."""
