"""Servers and shoppers of the load suite, each in a process of its own."""
