"""What every lesson stands on: exercises, predictions, explorers, controls."""
