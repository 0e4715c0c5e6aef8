"""``preadmit doctor``: what the service needs, looked at one by one, each with what to do."""
