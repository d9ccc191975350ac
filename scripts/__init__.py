"""Helpers of developers that are no part of the product."""
