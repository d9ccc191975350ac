"""Composition root: settings by topic, URLs, WSGI, the command line, the embedded database server."""
