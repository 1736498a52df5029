"""The HTTP side: routes, the shapes of requests and replies, who may ask. Knows engines by their protocol."""
