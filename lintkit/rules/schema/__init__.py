"""Rules on the fields of objects: what their schemas say."""
