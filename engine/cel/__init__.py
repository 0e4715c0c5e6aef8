"""The Common Expression Language: parser, checker, evaluator and standard library.

A package of its own: it knows nothing of policies or Kubernetes, and could stand alone. It answers as cel-go does
(github.com/google/cel-go v0.30), whose texts it uses for errors. ``environment.Environment`` is the way in.
"""
