"""GitHub's API: authentication, requests, objects and payloads; nothing outside this package speaks HTTP to it."""
