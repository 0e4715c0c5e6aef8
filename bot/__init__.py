"""Everything that touches the world: git, GitHub, the terminal and files."""
