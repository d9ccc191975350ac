"""Domivka («Домівка», home): everything between a resident, the home, the providers and the town."""
