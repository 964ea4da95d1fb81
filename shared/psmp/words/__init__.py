"""What can be said in PSMP: ids, commands, events, their envelopes and subjects. Pure; nothing here does anything."""
