"""Partner API: HTTP for providers' systems, banks and terminals, described by OpenAPI."""
