"""The restaurant: the Gemini API as engines, through Google's own SDK."""
