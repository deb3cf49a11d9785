"""Data, training, calibration and evaluation (extra `learn`). No other room imports this one."""
