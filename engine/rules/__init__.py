"""One module per rule type: each compiles a rule into a body that answers in a context."""
