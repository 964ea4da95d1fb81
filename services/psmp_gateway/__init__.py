"""The gateway: PSMP over HTTP for people and programs. It decides nothing: requests become commands and questions."""
