"""The engine on this machine: a model's files, its arithmetic and the worker that owns it. Knows no HTTP."""
