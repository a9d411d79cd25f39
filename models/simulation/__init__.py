"""Simulated collisions for the example models: jets for the taggers, pile-up for the vertex finder."""
