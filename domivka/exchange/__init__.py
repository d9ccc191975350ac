"""Exchange: provider files and bank registers: formats, mapping presets, staged import with control totals, undo."""
