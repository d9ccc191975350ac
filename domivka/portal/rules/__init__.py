"""Pure parts of the pages: geometry of charts, sums of a bill. No Django, no clock."""
