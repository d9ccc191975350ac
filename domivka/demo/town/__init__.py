"""An invented Ukrainian town as pure data: streets, homes, people, providers, tariffs and a year of their affairs.

No Django and no clock here: the same seed, size and last month always make the same town.
"""
