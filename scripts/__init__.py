"""Command-line entry points, one file per verb of the Makefile. All logic lives in the packages."""
