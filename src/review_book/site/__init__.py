"""From built pages to a published site."""
