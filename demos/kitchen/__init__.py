"""What a bowl costs, fits and suits: pure functions on the standard library.

The same functions run at build time, in the tests and in the browser. They know nothing of files,
clocks or languages: prices, devices and the day are handed in, and texts go out as msgids.
"""
