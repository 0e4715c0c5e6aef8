"""Accepted work on disk, by DBOS: the inbox that takes it, the worker that does it, the locks that tell who is alive.

Imported by the service alone; the command line starts without it.
"""
