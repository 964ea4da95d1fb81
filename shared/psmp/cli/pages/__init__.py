"""What people see: values rendered for a terminal of any width. Nothing here asks or decides anything."""
