// The voice in the page: blocks of samples, begun at their times on the clock of the audio device.

export const RATE = 16000;
const JOIN_S = 0.003;     // blocks that nearly touch are joined without a gap
const FADE_S = 0.03;

export class Sound {
  constructor(clock) {
    this.clock = clock;
    this.context = null;
    this.gain = null;
    this.volume = 1;
    this.isMuted = false;
    this.sources = new Set();
    this.next = 0;          // device time at which the block before ends
    this.late = 0;          // blocks that came too late to be played
    this.played = [];       // latest blocks: session time and device time of their begin
  }

  // Only after a click: browsers begin no sound without one.
  async start() {
    const Context = window.AudioContext ?? window.webkitAudioContext;
    this.context ??= new Context({sampleRate: RATE, latencyHint: "interactive"});
    await this.context.resume();
    if (!this.gain) {
      this.gain = this.context.createGain();
      this.gain.connect(this.context.destination);
      this.clock.useContext(this.context);
    }
    this.setVolume(this.volume);
  }

  setVolume(volume) {
    this.volume = volume;
    if (this.gain) this.gain.gain.value = this.isMuted ? 0 : volume;
  }

  mute(isMuted) {
    this.isMuted = isMuted;
    this.setVolume(this.volume);
  }

  play(time, samples) {
    if (!this.context || this.clock.offset === null || !samples.some((value) => value)) return;
    let begin = this.clock.toDevice(time);
    if (Math.abs(begin - this.next) < JOIN_S) begin = this.next;
    if (begin < this.context.currentTime) {
      this.late += 1;
      return;
    }
    const buffer = this.context.createBuffer(1, samples.length, RATE);
    const channel = buffer.getChannelData(0);
    for (let i = 0; i < samples.length; i += 1) channel[i] = samples[i] / 32768;
    const source = this.context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.gain);
    source.onended = () => this.sources.delete(source);
    source.start(begin);
    this.sources.add(source);
    this.next = begin + samples.length / RATE;
    this.played.push([time, begin]);
    if (this.played.length > 200) this.played.shift();
  }

  // End what is sounding and what waits.
  silence() {
    if (!this.context) return;
    const old = this.gain, end = this.context.currentTime + FADE_S;
    old.gain.setValueAtTime(old.gain.value, this.context.currentTime);
    old.gain.linearRampToValueAtTime(0, end);
    for (const source of this.sources) source.stop(end);
    this.sources.clear();
    this.gain = this.context.createGain();
    this.gain.connect(this.context.destination);
    this.setVolume(this.volume);
    this.next = 0;
  }
}
