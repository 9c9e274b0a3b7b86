"""The language that s2sad takes, as tables of small programs.

`supported/`: each must give the right numbers, or, with `open:`, be refused as yet.
`refused/`: each must be refused, on the line and in the words that stand there.
`either/`: refused or right, never wrong.
`docs/language.md` is made from the first two (`make docs`).
"""
