// The microphone of the browser: blocks of 20 ms at 16 kHz, 16 bit.

export class BrowserMicrophone {
  async start(context, onBlock) {
    if (!navigator.mediaDevices) {
      throw new Error("The browser gives its microphone only to pages of localhost or https.");
    }
    this.stream = await navigator.mediaDevices.getUserMedia({audio: {echoCancellation: true, channelCount: 1}});
    await context.audioWorklet.addModule("recorder.js");
    this.source = context.createMediaStreamSource(this.stream);
    this.recorder = new AudioWorkletNode(context, "recorder", {numberOfOutputs: 0});
    this.recorder.port.onmessage = ({data}) => onBlock(data);
    this.source.connect(this.recorder);
  }

  stop() {
    this.source?.disconnect();
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
  }
}
