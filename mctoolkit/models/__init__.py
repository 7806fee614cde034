"""The data types: event, verdict, finding, exchange, session, captured request, draft, target."""
