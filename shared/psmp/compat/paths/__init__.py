"""Can all that agents write to the same files stand together; if not, who must give way. Pure."""
