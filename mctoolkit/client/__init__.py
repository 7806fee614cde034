"""Send requests to the API, and keep what came back."""
