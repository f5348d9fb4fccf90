"""Shape and limits of what comes in: each form turns input into plain values or names every field at fault."""
