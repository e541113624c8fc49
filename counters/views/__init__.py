"""Officers' screens: parse, one service call, answer."""
