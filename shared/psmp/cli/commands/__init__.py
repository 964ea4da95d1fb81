"""The commands: each module holds those of one concern, imported when one of them is called."""
