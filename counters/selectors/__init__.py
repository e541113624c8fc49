"""Reads of the office's day."""
