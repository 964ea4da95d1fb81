"""Is everything in order that PSMP stands on? Each part looks and reports findings; none changes anything."""
