"""What every list shares: pages by their ends, bounded counts, what a person chose to see."""
