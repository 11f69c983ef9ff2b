"""Tests that look at the built site through real browsers: Chromium and Firefox, from a folder and over http."""
