"""The nouns: event, problem, finding, exchange, session, captured request, draft, target."""
