"""Pages of the resident and of the administrator."""
