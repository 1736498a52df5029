"""What a bowl costs, fits and suits: pure functions on the standard library.

The same functions run at build time, in the tests and in the browser. They know nothing of files,
languages or models: prices and workloads are handed in.
"""
