"""`./dev demo`: broker, plant, agent and holder's node, each a process of its own, and a terminal that tells."""
