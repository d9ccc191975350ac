"""Statements: the bill, receipts and certificates as PDF, NBU QR codes."""
