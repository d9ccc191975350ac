"""Portal: the resident's cabinet, the design system, the installable app."""
