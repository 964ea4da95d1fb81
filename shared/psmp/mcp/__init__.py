"""The door for models: a server of the Model Context Protocol on top of the client. Comes with the extra ``mcp``."""
