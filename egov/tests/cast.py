"""Whom of the sandbox's people the contract tests ask about."""

AIGUL = "900708499904"
DANIYAR = "880120399905"
SANZHAR = "790101399902"  # no phone in the base
OLGA = "780922499900"  # a guardian
ELENA = "850517499904"  # one child enrolled
NURGUL = "750312499106"  # a director without children
NOBODY = "200315600408"
