"""What functions do: contexts, regions, the call graph, and how effects spread over it."""
