"""What every service process has in common: settings, logs, health, metrics, traces, and how it starts and stops."""
