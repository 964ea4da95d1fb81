"""What follows from what was said: the lifecycle table and the folds that every service shares. Pure."""
