"""Steps of an import: upload, check, apply, undo."""
