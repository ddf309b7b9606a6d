"""The tree as a graph of nodes and edges: as text, Mermaid, DOT, JSON and one HTML page, and who needs what."""
