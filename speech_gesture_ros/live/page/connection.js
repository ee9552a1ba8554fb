// Messages of the session: frames as bytes, everything else as JSON. A lost connection is opened again.

const AGAIN_MS = 1000;
const SOUND = 1;

export class Connection {
  // handlers: frame(kind, time, values), text(message), closed()
  constructor(handlers) {
    this.handlers = handlers;
    this.open();
  }

  open() {
    this.socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/stream`);
    this.socket.binaryType = "arraybuffer";
    this.socket.onmessage = ({data}) => {
      if (typeof data === "string") this.handlers.text(JSON.parse(data)); else this.frame(data);
    };
    this.socket.onclose = () => {
      this.handlers.closed();
      setTimeout(() => this.open(), AGAIN_MS);
    };
  }

  frame(data) {
    const head = new DataView(data);
    const kind = head.getUint32(0, true), count = head.getUint32(4, true), time = head.getFloat64(8, true);
    const Values = kind === SOUND ? Int16Array : Float32Array;
    this.handlers.frame(kind, time, new Values(data, 16, count));
  }

  send(request) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(request));
  }

  sendBlock(samples) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(samples.buffer);
  }
}
