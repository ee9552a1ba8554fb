"""The model card that is written beside imported weights."""

CARD = """\
# Model card: kucherenko2019_published

The weights that Taras Kucherenko et al. published with "Analyzing Input and Output Representations for Speech-Driven
Gesture Generation" (IVA 2019, arXiv 1903.03369; journal version IJHCI 2021, arXiv 2007.09170), in the form this package
runs. They were converted on your machine from the files of
https://github.com/Svito-zar/speech-driven-hand-gesture-generation-demo by `speech-gesture import-published`; they are
not part of this package.

## Licence, and what it does not say
The weights are the authors', Apache-2.0. They were trained on the Trinity Speech-Gesture dataset, which is for research
only: whether a model of such data may be used commercially, the licence of its weights does not settle. Ask first.

## What it learned from
One male actor who speaks English freely, one microphone, motion capture: Trinity Speech-Gesture (Ferstl and McDonnell,
IVA 2018), recordings 01 and 02 held out by the authors. Nothing in it is of silence, noise or music.

## What it does
61 frames of 30 features (26 MFCC, energy, pitch and their slopes; 50 ms each, 1.5 s to either side) to 112 numbers by
SpeechE (two dense layers of 256, a gated recurrent unit of 128), and these to 46 joints by MotionD. Run as published it
needs 1.5 s of future speech, 44.1 kHz sound and its actor's voice. This package runs it live by a recipe of its own:

- features of each speaker are moved to the mean and variance of the training data, recovered from the weights;
- MFCC bands above 7.2 kHz are guessed from the lower ones;
- poses are the mean over five grids of 20 Hz, 10 ms apart; no Savitzky-Golay filter follows;
- what lies beyond the look-ahead is the past mirrored; bones get the lengths of our skeleton.

## Weaknesses
Its gestures are not in time with the speech by any measure we tried, and go on in pauses: voice activity and a rest
pose are part of the pipeline for that reason. It is here to compare with.
"""
