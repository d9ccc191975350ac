"""Pure rules of papers: the NBU QR payload, amounts in words, what a bill says."""
