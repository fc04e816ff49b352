// The loader that emscripten writes for bridge.cpp; core.ts gives its exports their types.
declare module 'steiger_core' {
  export default function createSteigerCore(options: { wasmBinary: ArrayBuffer }): Promise<unknown>;
}
