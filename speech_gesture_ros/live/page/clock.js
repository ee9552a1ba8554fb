// One clock for sound, robot, body and face: the time of the session that is seen and sounds now [s].
//
// It runs on the audio device once that runs, before on the page's timer; in a test it is set by hand.

const DELAY_S = 0.12;       // of the page behind the newest robot frame, for jitter of network and machine
const MAX_ERROR_S = 0.3;    // a larger error is corrected at once: the page was stalled, or messages were
const MAX_DRIFT_S = 0.08;   // a mean error larger than this is corrected: two clocks drift apart
const MEAN_FRAMES = 100;

export class PlayClock {
  constructor(isManual) {
    this.isManual = isManual;
    this.manualTime = 0;
    this.context = null;      // AudioContext that runs
    this.offset = null;       // device time at session time 0
    this.meanError = 0;
    this.jumps = 0;
  }

  deviceTime() {
    return this.context ? this.context.currentTime : performance.now() / 1000;
  }

  // Session time that is computed now: its sound is about to be sent to the loudspeaker.
  now() {
    if (this.isManual) return this.manualTime;
    return this.offset === null ? 0 : this.deviceTime() - this.offset;
  }

  // Session time whose sound leaves the loudspeaker now: pictures show it.
  visible() {
    return this.now() - this.outputLatency();
  }

  outputLatency() {
    if (this.isManual || !this.context) return 0;
    return (this.context.outputLatency || 0) + (this.context.baseLatency || 0);
  }

  // Device time at which a sound of a session time must begin.
  toDevice(time) {
    return time + (this.offset ?? 0);
  }

  useContext(context) {
    const now = this.now();
    this.context = context;
    if (this.offset !== null) this.offset = context.currentTime - now;
  }

  // A frame that was made at a session time has arrived.
  observe(time) {
    if (this.isManual) return;
    if (this.offset === null) {
      this.offset = this.deviceTime() - (time - DELAY_S);
      return;
    }
    const error = time - DELAY_S - this.now();
    this.meanError += (error - this.meanError) / MEAN_FRAMES;
    if (Math.abs(error) > MAX_ERROR_S || Math.abs(this.meanError) > MAX_DRIFT_S) {
      this.offset -= error;
      this.meanError = 0;
      this.jumps += 1;
    }
  }
}

export { DELAY_S };
