"""What the gateway knows without asking anybody: who may do what, how things are said over HTTP. Pure."""
