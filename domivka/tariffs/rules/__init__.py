"""Pure rating rules over Polars frames: no Django, no clock."""
