// The column of controls: built from the lists that the session sends, and kept at its state.

const TITLES = {activity: "Activity", amplitude: "Size", handedness: "Hand", accent_lock: "On accents", jaw: "Jaw",
  lips: "Lips", speed: "Speed"};
const HINTS = {activity: "How often and how large the hands gesture", amplitude: "Size of all arm motion",
  handedness: "-1: the left hand leads, 1: the right hand", accent_lock: "How many strokes wait for an accent of the voice",
  jaw: "How far the jaw opens", lips: "How far the lips move", speed: "How quickly jaw and lips follow"};

const readable = (name) => (name.charAt(0).toUpperCase() + name.slice(1)).replaceAll("_", " ");

export class Controls {
  // actions: send(request), chooseFile(file), toggleMicrophone(), setVolume(value), start()
  constructor(root, scene, actions) {
    this.actions = actions;
    this.sliders = new Map();
    this.choices = {expression: new Map(), face_style: new Map()};
    root.replaceChildren(this.voice(), this.gestures(scene), this.chips("Expression", "expression", scene.expressions),
      this.movement(scene), this.face(scene));
  }

  voice() {
    this.sounds = element("select", {title: "Recordings", ariaLabel: "Recording"});
    this.play = element("button", {textContent: "Play", className: "primary", type: "button"});
    this.play.onclick = async () => {
      await this.actions.start();
      this.actions.send({kind: "play", name: this.sounds.value});
    };
    const stop = element("button", {textContent: "Stop", type: "button", title: "End the voice at once"});
    stop.onclick = () => this.actions.send({kind: "stop"});
    const file = element("input", {type: "file", accept: "audio/*,.wav,.flac,.ogg,.mp3", hidden: true});
    file.onchange = async () => {
      const [chosen] = file.files;
      file.value = "";
      if (!chosen) return;
      await this.actions.start();
      this.actions.chooseFile(chosen);
    };
    const choose = element("button", {textContent: "Choose a file…", type: "button"});
    choose.onclick = () => file.click();
    this.microphone = element("button", {textContent: "Microphone", type: "button", ariaPressed: "false"});
    this.microphone.onclick = async () => {
      await this.actions.start();
      this.actions.toggleMicrophone();
    };
    const volume = slider("Volume", 0, 1, 1, "Volume of this page");
    volume.input.oninput = () => {
      volume.output.textContent = Number(volume.input.value).toFixed(2);
      this.actions.setVolume(Number(volume.input.value));
    };
    return section("Voice", row(this.sounds), row(this.play, stop), row(choose, this.microphone, file), volume.label);
  }

  gestures(scene) {
    this.gestureButtons = new Map();
    for (const {name, meaning} of scene.gestures) {
      const button = element("button", {textContent: readable(name), title: meaning, type: "button"});
      button.dataset.gesture = name;
      button.onclick = () => this.actions.send({kind: "gesture", name});
      this.gestureButtons.set(name, button);
    }
    return section("Gestures", chips([...this.gestureButtons.values()]));
  }

  movement(scene) {
    const names = Object.keys(scene.sliders).filter((name) => !["jaw", "lips", "speed"].includes(name));
    const parts = names.map((name) => this.control("control", name, scene.sliders[name], TITLES[name], HINTS[name]));
    if (scene.families.length) {
      const kinds = element("details", {});
      kinds.append(element("summary", {textContent: "Kinds of gestures"}),
        ...scene.families.map((name) => this.control("family", name, [0, 3, 1], readable(name),
          "Weight of this kind among all; 0 leaves it out")));
      parts.push(kinds);
    }
    return section("Movement", ...parts);
  }

  face(scene) {
    const out = this.chips("Face style", "face_style", scene.face_styles);
    out.append(...["jaw", "lips", "speed"].map((name) => this.control("control", name, scene.sliders[name], TITLES[name],
      HINTS[name])));
    return out;
  }

  chips(title, kind, names) {
    const buttons = names.map((name) => {
      const button = element("button", {textContent: readable(name), type: "button", ariaPressed: "false"});
      button.dataset[kind === "expression" ? "expression" : "style"] = name;
      button.onclick = () => this.actions.send({kind, name});
      this.choices[kind].set(name, button);
      return button;
    });
    return section(title, chips(buttons));
  }

  control(kind, name, [least, most, start], title, hint) {
    const made = slider(title, least, most, start, hint);
    made.input.dataset[kind] = name;
    made.input.oninput = () => {
      made.output.textContent = Number(made.input.value).toFixed(2);
      this.actions.send({kind, name, value: Number(made.input.value)});
    };
    this.sliders.set(`${kind} ${name}`, made);
    return made.label;
  }

  // Show the state of the session; a slider that is being moved is left alone.
  show(state) {
    const values = {control: state.sliders, family: state.families};
    for (const [kind, list] of Object.entries(values)) {
      for (const [name, value] of Object.entries(list)) {
        const made = this.sliders.get(`${kind} ${name}`);
        if (!made || made.input.matches(":active")) continue;
        made.input.value = value;
        made.output.textContent = value.toFixed(2);
      }
    }
    for (const kind of ["expression", "face_style"]) {
      for (const [name, button] of this.choices[kind]) button.ariaPressed = String(state[kind] === name);
    }
    const chosen = state.playing || this.sounds.value;
    this.sounds.replaceChildren(...state.sounds.map((name) => element("option", {value: name, textContent: name})));
    if (state.sounds.includes(chosen)) this.sounds.value = chosen;
    this.play.textContent = state.playing ? "Play again" : "Play";
    this.microphone.ariaPressed = String(state.microphone);
    this.microphone.textContent = state.microphone ? "Microphone on" : "Microphone";
  }

  // Mark a gesture while it is performed.
  showGesture(name, status) {
    this.gestureButtons.get(name)?.classList.toggle("active", ["waiting", "accepted", "started"].includes(status));
  }
}

function element(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}

function section(title, ...parts) {
  const out = element("section", {});
  out.append(element("h2", {textContent: title}), ...parts);
  return out;
}

function row(...parts) {
  const out = element("div", {className: "row"});
  out.append(...parts);
  return out;
}

function chips(buttons) {
  const out = element("div", {className: "chips"});
  out.append(...buttons);
  return out;
}

function slider(title, least, most, start, hint) {
  const label = element("label", {className: "slider", title: hint ?? ""});
  const input = element("input", {type: "range", min: least, max: most, step: 0.05, value: start});
  const output = element("output", {textContent: Number(start).toFixed(2)});
  label.append(element("span", {textContent: title}), input, output);
  return {label, input, output};
}
