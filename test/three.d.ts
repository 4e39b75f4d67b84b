/** As much of three.js as the tests use; its types are a package of their own, with many more. */
declare module 'three/examples/jsm/loaders/EXRLoader.js' {
  export class EXRLoader {
    setDataType(type: number): this;
    parse(bytes: ArrayBuffer): { readonly width: number; readonly height: number; readonly data: Float32Array };
  }
}
