"""Those we call: the outside network, guarded."""
