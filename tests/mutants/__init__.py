"""Do the tests of the rules bite? Each rule module is broken in small ways, and some test of its own has to
fail for every one: `./run mutants`. What was measured, and what may live, is in docs/mutants.md.

plan.py     which modules, and the tests that prove them
changes.py  the small breaks: cosmic-ray's, and a few of ours
proof.py    pytest in a forked process, over a module as it is or as a mutant
results.py  what is known of each mutant, kept between runs
"""
