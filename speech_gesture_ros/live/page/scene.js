// The picture: light, floor, camera and its views; z is up in the scene, as on the robot.

import {OrbitControls, THREE} from "/three.js";

const FOV_DEG = 22;

export class Scene {
  constructor(canvas, description) {
    this.canvas = canvas;
    this.description = description;
    this.renderer = new THREE.WebGLRenderer({canvas, antialias: true, alpha: true});
    this.renderer.setPixelRatio(Math.min(window.devicePixelRatio, 2));
    this.scene = new THREE.Scene();
    this.root = new THREE.Group();
    this.root.rotation.x = -Math.PI / 2;
    this.scene.add(this.root);
    this.camera = new THREE.PerspectiveCamera(FOV_DEG, 1, 0.05 * description.scale, 60 * description.scale);
    this.orbit = new OrbitControls(this.camera, canvas);
    this.orbit.enableDamping = true;
    this.addLight();
    this.addFloor();
  }

  addLight() {
    this.scene.add(new THREE.HemisphereLight(0xffffff, 0xb8c0c8, 1.7));
    const ahead = this.ahead();
    for (const [side, up, strength] of [[-0.5, 0.9, 1.9], [0.9, 0.5, 0.6]]) {
      const light = new THREE.DirectionalLight(0xffffff, strength);
      const right = new THREE.Vector3().crossVectors(ahead, new THREE.Vector3(0, 0, 1));
      light.position.copy(ahead).negate().addScaledVector(right, side).add(new THREE.Vector3(0, 0, up));
      this.root.add(light, light.target);
    }
  }

  addFloor() {
    const {scale, floor} = this.description;
    const look = this.description.camera.look_at;
    const geometry = new THREE.CircleGeometry(3.2 * scale, 64);
    const shade = document.createElement("canvas");
    shade.width = shade.height = 256;
    const pen = shade.getContext("2d");
    const fade = pen.createRadialGradient(128, 128, 20, 128, 128, 128);
    fade.addColorStop(0, "rgba(150, 166, 178, 0.75)");
    fade.addColorStop(1, "rgba(150, 166, 178, 0)");
    pen.fillStyle = fade;
    pen.fillRect(0, 0, 256, 256);
    const map = new THREE.CanvasTexture(shade);
    map.colorSpace = THREE.SRGBColorSpace;
    const disc = new THREE.Mesh(geometry, new THREE.MeshBasicMaterial({map, transparent: true, depthWrite: false}));
    disc.position.set(look[0], look[1], floor);
    this.root.add(disc);
  }

  // Direction in which the camera looks, level.
  ahead() {
    const azimuth = THREE.MathUtils.degToRad(this.description.camera.azimuth_deg);
    return new THREE.Vector3(Math.cos(azimuth), Math.sin(azimuth), 0);
  }

  // Look at a point of the root from the front, so that a width and a height [m] are visible.
  frame(point, width, height, ahead = this.ahead()) {
    const half = Math.tan(THREE.MathUtils.degToRad(FOV_DEG / 2));
    const distance = Math.max(height / 2 / half, width / 2 / half / this.camera.aspect);
    const from = point.clone().addScaledVector(ahead, -distance).add(new THREE.Vector3(0, 0, 0.06 * distance));
    this.camera.position.copy(this.root.localToWorld(from));
    this.orbit.target.copy(this.root.localToWorld(point.clone()));
    this.orbit.update();
  }

  views(avatar) {
    const {scale, camera} = this.description;
    const place = new THREE.Vector3().fromArray(this.description.avatar.position);
    const middle = new THREE.Vector3().fromArray(camera.look_at);
    const robot = middle.clone().multiplyScalar(2).sub(new THREE.Vector3(place.x, place.y, middle.z));
    robot.z = middle.z;
    const yaw = this.description.avatar.yaw;
    const facing = new THREE.Vector3(-Math.cos(yaw), -Math.sin(yaw), 0);
    return {
      Both: () => this.frame(middle, 2.75 * scale, 1.5 * scale),
      Avatar: () => this.frame(new THREE.Vector3(place.x, place.y, middle.z), 1.2 * scale, 1.4 * scale, facing),
      Face: () => {
        const head = avatar.head.getWorldPosition(new THREE.Vector3());
        this.frame(this.root.worldToLocal(head).add(new THREE.Vector3(0, 0, 0.07 * scale)), 0.3 * scale, 0.42 * scale,
          facing);
      },
      Robot: () => this.frame(robot, 1.2 * scale, 1.4 * scale),
    };
  }

  resize() {
    const {clientWidth: width, clientHeight: height} = this.canvas;
    const size = this.renderer.getSize(new THREE.Vector2());
    if (!width || !height || (size.x === width && size.y === height)) return false;
    this.renderer.setSize(width, height, false);
    this.camera.aspect = width / height;
    this.camera.updateProjectionMatrix();
    return true;
  }

  draw() {
    this.orbit.update();
    this.renderer.render(this.scene, this.camera);
  }
}
