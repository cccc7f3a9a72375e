"""What the chapters share: fits, intervals, functional forms, change points."""
