"""Metering: meters with zones, readings with their channel, the reading window, plausibility."""
