"""Staff pages of imports, under /staff/imports/."""
