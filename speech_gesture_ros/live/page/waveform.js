// The voice over time, with its accents; the line is now.

const PAST_S = 6, AHEAD_S = 0.6, STEP_S = 0.01;

export class Waveform {
  constructor(canvas) {
    this.canvas = canvas;
    this.levels = [];        // [time, level]
    this.accents = [];
  }

  push(time, samples, rate) {
    const step = Math.round(STEP_S * rate);
    for (let first = 0; first < samples.length; first += step) {
      let most = 0;
      for (let i = first; i < Math.min(first + step, samples.length); i += 1) most = Math.max(most, Math.abs(samples[i]));
      this.levels.push([time + first / rate, most / 32768]);
    }
    if (this.levels.length > 4000) this.levels.splice(0, this.levels.length - 4000);
  }

  pushAccent(time) {
    this.accents.push(time);
    if (this.accents.length > 200) this.accents.shift();
  }

  cutFrom(time) {
    this.levels = this.levels.filter(([at]) => at < time);
    this.accents = this.accents.filter((at) => at < time);
  }

  draw(now) {
    const ratio = Math.min(window.devicePixelRatio, 2);
    const width = Math.round(this.canvas.clientWidth * ratio), height = Math.round(this.canvas.clientHeight * ratio);
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    const pen = this.canvas.getContext("2d"), middle = height / 2;
    const x = (time) => (time - now + PAST_S) / (PAST_S + AHEAD_S) * width;
    pen.clearRect(0, 0, width, height);
    pen.fillStyle = "#d9e0e5";
    pen.fillRect(0, middle - ratio / 2, width, ratio);
    const column = Math.max(1, STEP_S / (PAST_S + AHEAD_S) * width + 0.5);
    for (const [time, level] of this.levels) {
      const at = x(time);
      if (at < -column || at > width) continue;
      pen.fillStyle = time <= now ? "#22688a" : "#a9c4d2";
      const half = Math.max(ratio / 2, level * 0.86 * middle);
      pen.fillRect(at, middle - half, column, 2 * half);
    }
    pen.fillStyle = "#d9822b";
    for (const time of this.accents) {
      const at = x(time);
      pen.beginPath();
      pen.moveTo(at - 4 * ratio, 0);
      pen.lineTo(at + 4 * ratio, 0);
      pen.lineTo(at, 7 * ratio);
      pen.fill();
    }
    pen.fillStyle = "#22303a";
    pen.fillRect(x(now) - ratio / 2, 0, ratio, height);
  }
}
