"""A bank of patients: GAN runs with planted faults, on which `gan_lesson.diagnosis` is judged.

`plan` says which runs there are, `players` makes their data and networks, `games` plays them,
`outcomes` measures how they ended, `records` keeps what diagnosis saw of them, and `judging`
counts how often it was right.
"""
