"""What every lesson stands on: exercises, questions and verdicts, explorers, controls, words."""
