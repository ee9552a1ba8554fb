// The page: connects session, picture, sound and controls. Everything is shown at the time of one clock.

import {Avatar} from "./avatar.js";
import {DELAY_S, PlayClock} from "./clock.js";
import {Connection} from "./connection.js";
import {Controls} from "./controls.js";
import {BrowserMicrophone} from "./microphone.js";
import {Robot} from "./robot.js";
import {Scene} from "./scene.js";
import {RATE, Sound} from "./sound.js";
import {Track} from "./track.js";
import {Waveform} from "./waveform.js";

const SOUND = 1, ROBOT = 2, BODY = 3, FACE = 4;
const KEPT_S = 2;          // of frames that have been shown
const CLOSING_S = 0.1;     // in which the mouth closes when the voice is stopped
const CLOSED_S = 0.25;     // after which the session's frames have a closed mouth
const NOTICE_MS = 8000;
const isManual = new URLSearchParams(location.search).get("clock") === "manual";

const find = (id) => document.getElementById(id);
const clock = new PlayClock(isManual);
const sound = new Sound(clock);
const waveform = new Waveform(find("waveform"));
const microphone = new BrowserMicrophone();
const tracks = {[ROBOT]: new Track(), [BODY]: new Track(), [FACE]: new Track()};
const parts = {scene: null, robot: null, avatar: null, controls: null, view: null};
let closedUntil = 0;          // session time
let received = 0;             // frames
let state = null, initial = "", isBuilt = false;

const connection = new Connection({
  frame(kind, time, values) {
    received += 1;
    if (kind === SOUND) {
      waveform.push(time, values, RATE);
      sound.play(time, values);
    } else if (tracks[kind]) {
      if (kind === ROBOT) clock.observe(time);
      if (kind === FACE && time < closedUntil) closeMouth(values);
      tracks[kind].push(time, values);
    }
  },
  text(message) {
    (texts[message.kind] ?? (() => {}))(message);
  },
  closed() {
    find("latency").textContent = "The connection is lost; it is opened again as soon as the command runs.";
    microphone.stop();
  },
});

const texts = {
  scene: (message) => build(message).catch((error) => notice(`The page cannot be shown: ${error.message}`)),
  state: (message) => {
    state = message;
    sound.mute(message.microphone && !message.machine_microphone && Boolean(microphone.stream));
    if (!message.microphone) microphone.stop();
    parts.controls?.show(message);
  },
  gesture: ({name, status, reason}) => {
    parts.controls?.showGesture(name, status);
    if (status === "rejected") notice(`${name}: ${reason}`);
  },
  status: ({latency, robot}) => {
    const page = clock.context ? DELAY_S + clock.outputLatency() : DELAY_S;
    find("latency").textContent = `From sound to gesture ${latency.toFixed(2)} s, and ${page.toFixed(2)} s in this page. `
      + `Robot ${parts.name}: ${robot}.`;
  },
  accent: ({time}) => waveform.pushAccent(time),
  silence: silence,
  error: ({text}) => notice(text),
};

// The voice was stopped: no more of it sounds, the mouth closes from where it is.
function silence({time}) {
  closedUntil = time + CLOSED_S;
  const now = clock.visible(), face = tracks[FACE];
  sound.silence();
  waveform.cutFrom(now);
  face.cutFrom(now);
  if (!parts.avatar) return;
  face.push(now, parts.avatar.face.slice());
  face.push(now + CLOSING_S, closeMouth(parts.avatar.face.slice()));
}

function closeMouth(face) {
  parts.avatar?.blendshapes.forEach((name, i) => {
    if (/^(jaw|mouth|tongue)/.test(name)) face[i] = 0;
  });
  return face;
}

async function build(description) {
  initial = description.initial;
  parts.name = description.robot;
  document.title = `${description.robot}: speech_gesture_ros`;
  if (isBuilt) return;      // the connection was opened again
  isBuilt = true;
  parts.controls = new Controls(find("controls"), description, actions);
  if (state) parts.controls.show(state);
  parts.scene = new Scene(find("view"), description);
  const triangles = await (await fetch("/robot.bin")).arrayBuffer();
  parts.robot = new Robot(parts.scene.root, description, triangles);
  parts.avatar = await Avatar.load(parts.scene.root, description.avatar, description.blendshapes);
  show(description.rest.robot, description.rest.body);
  addViews(parts.scene.views(parts.avatar));
  find("start").hidden = isManual;
  find("start").querySelector("button").onclick = async () => {
    await actions.start();
    if (initial && !state?.playing && !state?.microphone) connection.send({kind: "play", name: initial});
  };
  if (!isManual) parts.scene.renderer.setAnimationLoop(draw);
}

function show(robot, body) {
  parts.robot.show({from: robot, to: robot, share: 0});
  parts.avatar.showBody({from: body, to: body, share: 0});
  parts.scene.root.updateMatrixWorld(true);
}

function addViews(views) {
  for (const [name, look] of Object.entries(views)) {
    const button = Object.assign(document.createElement("button"), {textContent: name, type: "button"});
    button.onclick = () => {
      parts.view = look;
      look();
      for (const other of find("views").children) other.ariaPressed = String(other === button);
    };
    find("views").append(button);
  }
  parts.scene.resize();
  find("views").firstChild.click();
}

const actions = {
  send: (request) => connection.send(request),
  setVolume: (volume) => sound.setVolume(volume),
  async start() {
    await sound.start();
    find("start").hidden = true;
  },
  async chooseFile(file) {
    const answer = await fetch(`/sounds/${encodeURIComponent(file.name)}`, {method: "POST", body: file});
    const {name, error} = answer.status === 413 ? {error: "The file is too large: 40 MiB at most."} : await answer.json();
    if (error) notice(error); else connection.send({kind: "play", name});
  },
  async toggleMicrophone() {
    if (state.microphone) {
      connection.send({kind: "microphone", value: 0});
      return;
    }
    try {
      if (!state.machine_microphone) await microphone.start(sound.context, (block) => connection.sendBlock(block));
      connection.send({kind: "microphone", value: 1});
    } catch (error) {
      notice(`No microphone: ${error.message}`);
    }
  },
};

function draw() {
  const now = clock.visible();
  if (parts.scene.resize()) parts.view?.();
  const shown = Object.fromEntries(Object.entries(tracks).map(([kind, track]) => [kind, track.at(now)]));
  if (shown[ROBOT]) parts.robot.show(shown[ROBOT]);
  if (shown[BODY]) parts.avatar.showBody(shown[BODY]);
  if (shown[FACE]) parts.avatar.showFace(shown[FACE]);
  if (!isManual) Object.values(tracks).forEach((track) => track.dropBefore(now - KEPT_S));
  parts.scene.draw();
  waveform.draw(now);
}

let noticeTimer = 0;
function notice(text) {
  const place = find("notice");
  place.textContent = text;
  place.hidden = false;
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => { place.hidden = true; }, NOTICE_MS);
}

// For tests and for the console: what is drawn, and with ?clock=manual the time.
window.agentPage = {
  clock, sound, tracks, parts,
  get isReady() { return Boolean(parts.avatar && find("views").children.length); },
  get state() { return state; },
  get received() { return received; },
  show(time) {
    clock.manualTime = time;
    draw();
  },
  shapes: () => parts.avatar.blendshapes.map((name) => parts.avatar.drawnShape(name)),
  bone: (name) => parts.avatar.group.getObjectByName(name).quaternion.toArray(),
  place: (name) => {
    const node = parts.avatar.group.getObjectByName(name);
    return node.getWorldPosition(node.position.clone()).toArray();
  },
  robotBody: (index) => parts.robot.bodies[index].position.toArray(),
};
