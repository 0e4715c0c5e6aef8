"""The commands on real repositories, from their options to their exit codes."""
