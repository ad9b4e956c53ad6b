"""Measures Tracekeep and others on one machine. docs/benchmarks.md says what, and how to run it."""
