"""The webhook sender: posts what happens to those who want to know, signed, and never to where it must not go."""
