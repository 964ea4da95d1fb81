"""Stories: scenario files played through the public client, told to people, and held against what they expect."""
