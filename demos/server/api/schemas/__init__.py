"""The shapes of replies, as the OpenAPI document shows them, a module a subject. Tests compare both."""
