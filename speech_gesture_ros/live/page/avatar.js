// The avatar: any glTF file with bones of VRM 1.0 and shapes of ARKit; its body and face are moved by frames.

import {GLTFLoader, THREE} from "/three.js";

const TO_SCENE = new THREE.Quaternion(0.5, 0.5, 0.5, 0.5);   // Y up, facing +Z, to z up, facing x

export class Avatar {
  static async load(parent, place, blendshapes) {
    const gltf = await new GLTFLoader().loadAsync("/avatar.glb");
    return new Avatar(parent, place, blendshapes, gltf.scene);
  }

  constructor(parent, place, blendshapes, model) {
    this.group = new THREE.Group();
    this.group.position.fromArray(place.position);
    this.group.quaternion.setFromAxisAngle(new THREE.Vector3(0, 0, 1), place.yaw).multiply(TO_SCENE);
    this.group.scale.setScalar(place.scale);
    this.group.add(model);
    parent.add(this.group);
    this.bones = place.bones.map((name) => model.getObjectByName(name));
    this.head = model.getObjectByName("head");
    this.blendshapes = blendshapes;
    this.shapes = [];        // meshes with shapes: the mesh, and for each blendshape the index of its influence
    model.traverse((node) => {
      if (!node.isMesh) return;
      node.frustumCulled = false;   // its bounds are those of the bind pose
      if (node.morphTargetDictionary) {
        this.shapes.push([node, blendshapes.map((name) => node.morphTargetDictionary[name] ?? -1)]);
      }
    });
    this.face = new Float32Array(blendshapes.length);
  }

  showBody({from, to, share}) {
    const turn = new Float32Array(4);
    this.bones.forEach((bone, i) => {
      if (!bone) return;
      THREE.Quaternion.slerpFlat(turn, 0, from, 4 * i, to, 4 * i, share);
      bone.quaternion.fromArray(turn);
    });
  }

  showFace({from, to, share}) {
    for (let i = 0; i < this.face.length; i += 1) this.face[i] = from[i] + share * (to[i] - from[i]);
    for (const [mesh, places] of this.shapes) {
      places.forEach((place, i) => {
        if (place >= 0) mesh.morphTargetInfluences[place] = this.face[i];
      });
    }
  }

  // Value of a shape as it is drawn: the influence in the mesh.
  drawnShape(name) {
    for (const [mesh] of this.shapes) {
      const place = mesh.morphTargetDictionary[name];
      if (place !== undefined) return mesh.morphTargetInfluences[place];
    }
    return null;
  }
}
