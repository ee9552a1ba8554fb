"""Model card of the imported weights."""

CARD = """\
# Model card: kucherenko2019_published

The weights that Taras Kucherenko et al. published with "Analyzing Input and Output Representations for Speech-Driven
Gesture Generation" (IVA 2019, arXiv 1903.03369; journal version IJHCI 2021, arXiv 2007.09170), in the format of this
package. They were converted on your machine from the files of
https://github.com/Svito-zar/speech-driven-hand-gesture-generation-demo by `speech-gesture import-published`; they are
not part of this package.

## Licence and its limits
The weights are the authors', Apache-2.0. They were trained on the Trinity Speech-Gesture dataset, which is for research
only. The licence of the weights does not settle whether a model of such data may be used commercially: ask the authors.

## Training data
One male actor who speaks English freely, one microphone, motion capture: Trinity Speech-Gesture (Ferstl and McDonnell,
IVA 2018), recordings 01 and 02 held out by the authors. They contain no silence, noise or music.

## Network
61 frames of 30 features (26 MFCC, energy, pitch and their slopes; 50 ms each, 1.5 s to either side) to 112 numbers by
SpeechE (two dense layers of 256, a gated recurrent unit of 128), and these to 46 joints by MotionD. As published it
needs 1.5 s of future speech, 44.1 kHz sound and its actor's voice. This package runs it live with these changes:

- features of each speaker are mapped to the mean and variance of the training data, recovered from the weights;
- MFCC bands above 7.2 kHz are estimated from the lower ones;
- poses are the mean over five grids of 20 Hz, 10 ms apart; no Savitzky-Golay filter follows;
- frames beyond the look-ahead are the past mirrored; bones get the lengths of the canonical skeleton.

## Weaknesses
Its gestures are not in time with the speech by any metric that was tried, and go on in pauses: voice activity and a
rest pose are part of the pipeline for that reason. It serves for comparison.
"""
