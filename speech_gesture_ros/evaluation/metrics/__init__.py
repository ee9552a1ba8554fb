"""Figures of motion, one idea a file: pure formulas on (T, J, 3) positions in metres, the frame rate beside them."""
