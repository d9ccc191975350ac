"""Homes (об'єкти): which person may see which premises: adding by address, PIN, authorisation key, renaming, removing."""
