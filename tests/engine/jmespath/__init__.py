"""JMESPath in Kyverno's dialect."""
