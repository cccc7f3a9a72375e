"""The records of the review: how they are read, what each kind holds, and what follows from them."""
