"""Avatar: a person as one glTF file, made from the CC0 data of MakeHuman, and read again for drawing."""
