"""What keeps a review alive: history, consequences of a change, freshness, links, authoring."""
