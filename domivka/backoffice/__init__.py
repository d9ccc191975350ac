"""Backoffice: the staff shell and its work queues."""
