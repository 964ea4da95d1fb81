"""The watchdog: finds who fell silent, which slots ran out and which projects are stuck, and says so."""
