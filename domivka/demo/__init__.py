"""The demo town: written as provider files by code and imported through the very path a real town takes."""
