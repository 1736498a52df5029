"""Another server as the stove: any that speaks OpenAI's API."""
