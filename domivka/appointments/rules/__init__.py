"""Rules of visits: pure."""
