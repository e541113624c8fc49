"""Django's PostgreSQL, without a question to the server before each request."""
