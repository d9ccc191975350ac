"""Billing: the monthly charge run, charge lines with their explanation, what-if, imported charges."""
