// The robot: shapes that are sent once, moved by the poses of their bodies.

import {THREE} from "/three.js";

const POSE = 7;   // position, quaternion w, x, y, z

export class Robot {
  constructor(parent, scene, block) {
    const vertices = new Float32Array(block, 0, 3 * scene.vertices);
    const corners = new Uint32Array(block, 12 * scene.vertices);
    this.bodies = Array.from({length: scene.bodies}, () => parent.add(new THREE.Group()).children.at(-1));
    for (const shape of scene.shapes) {
      const mesh = new THREE.Mesh(geometry(shape, vertices, corners), material(shape));
      mesh.position.fromArray(shape.position);
      const [w, x, y, z] = shape.quaternion;
      mesh.quaternion.set(x, y, z, w);
      if (shape.kind === "ellipsoid") mesh.scale.fromArray(shape.size);
      (shape.body < 0 ? parent : this.bodies[shape.body]).add(mesh);
    }
  }

  show({from, to, share}) {
    const turn = new Float32Array(4);
    this.bodies.forEach((body, i) => {
      const p = POSE * i, q = p + 3;
      body.position.set(...[0, 1, 2].map((k) => from[p + k] + share * (to[p + k] - from[p + k])));
      THREE.Quaternion.slerpFlat(turn, 0, [from[q + 1], from[q + 2], from[q + 3], from[q]], 0,
        [to[q + 1], to[q + 2], to[q + 3], to[q]], 0, share);
      body.quaternion.fromArray(turn);
    });
  }
}

function geometry(shape, vertices, corners) {
  const [a, b, c] = shape.size;
  switch (shape.kind) {
    case "sphere": return new THREE.SphereGeometry(a, 24, 16);
    case "ellipsoid": return new THREE.SphereGeometry(1, 32, 20);
    case "box": return new THREE.BoxGeometry(2 * a, 2 * b, 2 * c);
    case "capsule": return new THREE.CapsuleGeometry(a, 2 * b, 8, 24).rotateX(Math.PI / 2);
    case "cylinder": return new THREE.CylinderGeometry(a, a, 2 * b, 32).rotateX(Math.PI / 2);
    default: return meshGeometry(shape, vertices, corners);
  }
}

function meshGeometry(shape, vertices, corners) {
  const out = new THREE.BufferGeometry();
  const first = 3 * shape.first_vertex, begin = 3 * shape.first_triangle;
  out.setAttribute("position", new THREE.BufferAttribute(vertices.slice(first, first + 3 * shape.vertices), 3));
  out.setIndex(new THREE.BufferAttribute(corners.slice(begin, begin + 3 * shape.triangles), 1));
  out.computeVertexNormals();
  return out;
}

function material(shape) {
  const colour = new THREE.Color().setRGB(...shape.colour, THREE.SRGBColorSpace);
  return new THREE.MeshStandardMaterial({color: colour, roughness: 0.55, metalness: 0.05,
    flatShading: shape.kind === "mesh"});
}
