"""The rules of each service, given events: no server, no network, no clock."""
