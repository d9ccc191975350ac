"""Visits to the CNAP: windows, the questions they serve, free times, bookings, the queue of a day."""
