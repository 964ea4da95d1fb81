"""What every service process has in common: settings, logs, health, metrics, traces, and the way it starts and stops."""
