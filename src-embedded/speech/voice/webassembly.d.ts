/**
 * The part of the WebAssembly API that flite-wasi.ts uses. TypeScript has these types only in its browser library,
 * which a Node process must not see.
 */
declare namespace WebAssembly {
  class Module {
    private readonly brand: never;
  }
  class Memory {
    readonly buffer: ArrayBuffer;
  }
  class Instance {
    constructor(module: Module, imports: Record<string, ModuleImports>);
    readonly exports: Record<string, unknown>;
  }
  type ModuleImports = Record<string, (...values: never[]) => unknown>;
  function compile(bytes: Uint8Array): Promise<Module>;
}
