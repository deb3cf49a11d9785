"""Other systems' protocols, a file each with its own types and errors. They call the same services as everybody."""
