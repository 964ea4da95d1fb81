"""The watchdog: finds agents and services that fell silent, slots that ran out and projects that are stuck, and says so."""
