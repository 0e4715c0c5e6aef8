"""The subcommands of ``preadmit``, one module each, loaded only when asked for."""
