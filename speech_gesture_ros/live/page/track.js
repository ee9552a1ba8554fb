// Frames of one kind in the order of their times; the oldest are dropped.

const MAX_FRAMES = 3000;

export class Track {
  constructor() {
    this.times = [];
    this.frames = [];
  }

  get length() {
    return this.times.length;
  }

  // A frame that is not later than the ones before replaces them.
  push(time, values) {
    this.cutFrom(time);
    this.times.push(time);
    this.frames.push(values);
    if (this.times.length > MAX_FRAMES) this.dropFirst(this.times.length - MAX_FRAMES);
  }

  cutFrom(time) {
    while (this.times.length && this.times[this.times.length - 1] >= time) {
      this.times.pop();
      this.frames.pop();
    }
  }

  // Drop the frames that are not needed for a time and later ones.
  dropBefore(time) {
    const place = this.place(time);
    if (place > 0) this.dropFirst(place);
  }

  dropFirst(count) {
    this.times.splice(0, count);
    this.frames.splice(0, count);
  }

  // Index of the last frame not later than a time; -1 before the first.
  place(time) {
    let low = 0, high = this.times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.times[middle] <= time) low = middle + 1; else high = middle;
    }
    return low - 1;
  }

  // Frames around a time and the share of the second one; null if there are none.
  at(time) {
    if (!this.times.length) return null;
    const k = this.place(time);
    if (k < 0) return {from: this.frames[0], to: this.frames[0], share: 0};
    if (k + 1 >= this.times.length) return {from: this.frames[k], to: this.frames[k], share: 0};
    const span = this.times[k + 1] - this.times[k];
    return {from: this.frames[k], to: this.frames[k + 1], share: (time - this.times[k]) / span};
  }
}
