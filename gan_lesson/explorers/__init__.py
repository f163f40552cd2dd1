"""One module a lesson: controls and a LivePanel around functions defined elsewhere."""
