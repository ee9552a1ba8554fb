"""Sound in any form to 16 kHz mono samples with every gap known, and whether someone speaks in them."""
