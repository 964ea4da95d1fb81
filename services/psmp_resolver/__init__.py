"""The resolver: finds the smallest change that clears a conflict, applies it where policy allows, else asks."""
