/**
 * The operating system that flite sees: thirteen calls of WASI preview 1, over one directory with one writable file, all
 * in memory. No spoken word touches a disk. One program run at a time: `begin` starts afresh.
 */

const ERRNO_SUCCESS = 0;
const ERRNO_BADF = 8;
const ERRNO_NOENT = 44;
const ERRNO_SPIPE = 70;
const STDOUT_FD = 1;
const STDERR_FD = 2;
const ROOT_FD = 3;
const OUTPUT_FD = 4;
/** The file the program may write. */
export const OUTPUT_NAME = 'out.wav';
const FILETYPE_DIRECTORY = 3;
const FILETYPE_REGULAR_FILE = 4;
const FILETYPE_CHARACTER_DEVICE = 2;
const ALL_RIGHTS = 0xffff_ffff_ffff_ffffn;
/** Eight seconds of speech at 16 kHz; grows for a longer sentence. */
const FIRST_OUTPUT_BYTES = 256 * 1024;

/** Thrown out of the program when it asks to end. */
export class ProcessExit extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`flite exited with status ${status}`);
    this.status = status;
  }
}

/** The thirteen WASI calls flite imports, over one directory that holds one writable file. */
export class MemoryHost {
  memory: WebAssembly.Memory | undefined;
  #args: Uint8Array[] = [];
  #output = new Uint8Array(FIRST_OUTPUT_BYTES);
  #outputLength = 0;
  #position = 0;
  #messages = '';

  /** Forgets the last run and takes the arguments of the next one. */
  begin(args: readonly string[]): void {
    const encoder = new TextEncoder();
    this.#args = args.map((argument) => encoder.encode(`${argument}\0`));
    this.#outputLength = 0;
    this.#position = 0;
    this.#messages = '';
  }

  /** What the program wrote, valid until the next `begin`. */
  output(): Uint8Array {
    return this.#output.subarray(0, this.#outputLength);
  }

  messages(): string {
    return this.#messages.trim() || 'it gave no reason';
  }

  imports(): WebAssembly.ModuleImports {
    return {
      args_sizes_get: (countAt: number, bytesAt: number) => {
        this.#view().setUint32(countAt, this.#args.length, true);
        this.#view().setUint32(
          bytesAt,
          this.#args.reduce((sum, argument) => sum + argument.length, 0),
          true,
        );
        return ERRNO_SUCCESS;
      },
      args_get: (pointersAt: number, textAt: number) => this.#writeArguments(pointersAt, textAt),
      clock_time_get: (_clock: number, _precision: bigint, timeAt: number) => {
        this.#view().setBigUint64(timeAt, process.hrtime.bigint(), true);
        return ERRNO_SUCCESS;
      },
      fd_close: () => ERRNO_SUCCESS,
      fd_fdstat_get: (fd: number, statAt: number) => this.#describe(fd, statAt),
      fd_fdstat_set_flags: () => ERRNO_SUCCESS,
      fd_prestat_get: (fd: number, prestatAt: number) => {
        if (fd !== ROOT_FD) return ERRNO_BADF;
        this.#view().setUint32(prestatAt, 0, true);
        this.#view().setUint32(prestatAt + 4, 1, true);
        return ERRNO_SUCCESS;
      },
      fd_prestat_dir_name: (_fd: number, nameAt: number) => {
        this.#bytes().set([0x2e], nameAt);
        return ERRNO_SUCCESS;
      },
      fd_read: (_fd: number, _vectors: number, _count: number, readAt: number) => {
        this.#view().setUint32(readAt, 0, true);
        return ERRNO_SUCCESS;
      },
      fd_seek: (fd: number, offset: bigint, whence: number, positionAt: number) => {
        if (fd !== OUTPUT_FD) return ERRNO_SPIPE;
        const base = [0, this.#position, this.#outputLength][whence] ?? 0;
        this.#position = base + Number(offset);
        this.#view().setBigUint64(positionAt, BigInt(this.#position), true);
        return ERRNO_SUCCESS;
      },
      fd_write: (fd: number, vectors: number, count: number, writtenAt: number) =>
        this.#write(fd, vectors, count, writtenAt),
      path_open: (
        _directory: number,
        _lookup: number,
        pathAt: number,
        pathLength: number,
        ...rest: unknown[]
      ) => {
        const path = new TextDecoder().decode(this.#bytes().slice(pathAt, pathAt + pathLength));
        const openedAt = rest.at(-1);
        if (path !== OUTPUT_NAME || typeof openedAt !== 'number') return ERRNO_NOENT;
        this.#view().setUint32(openedAt, OUTPUT_FD, true);
        return ERRNO_SUCCESS;
      },
      proc_exit: (status: number) => {
        throw new ProcessExit(status);
      },
    };
  }

  #writeArguments(pointersAt: number, textAt: number): number {
    let at = textAt;
    for (const [index, argument] of this.#args.entries()) {
      this.#view().setUint32(pointersAt + 4 * index, at, true);
      this.#bytes().set(argument, at);
      at += argument.length;
    }
    return ERRNO_SUCCESS;
  }

  #describe(fd: number, statAt: number): number {
    if (fd > OUTPUT_FD) return ERRNO_BADF;
    const type =
      fd === ROOT_FD
        ? FILETYPE_DIRECTORY
        : fd === OUTPUT_FD
          ? FILETYPE_REGULAR_FILE
          : FILETYPE_CHARACTER_DEVICE;
    const view = this.#view();
    view.setUint8(statAt, type);
    view.setUint16(statAt + 2, 0, true);
    view.setBigUint64(statAt + 8, ALL_RIGHTS, true);
    view.setBigUint64(statAt + 16, ALL_RIGHTS, true);
    return ERRNO_SUCCESS;
  }

  #write(fd: number, vectors: number, count: number, writtenAt: number): number {
    let written = 0;
    for (let index = 0; index < count; index += 1) {
      const from = this.#view().getUint32(vectors + 8 * index, true);
      const length = this.#view().getUint32(vectors + 8 * index + 4, true);
      const chunk = this.#bytes().subarray(from, from + length);
      if (fd === OUTPUT_FD) this.#append(chunk);
      else if (fd === STDOUT_FD || fd === STDERR_FD)
        this.#messages += new TextDecoder().decode(chunk.slice());
      else return ERRNO_BADF;
      written += length;
    }
    this.#view().setUint32(writtenAt, written, true);
    return ERRNO_SUCCESS;
  }

  #append(chunk: Uint8Array): void {
    const end = this.#position + chunk.length;
    if (end > this.#output.length) {
      const larger = new Uint8Array(Math.max(end, 2 * this.#output.length));
      larger.set(this.#output);
      this.#output = larger;
    }
    this.#output.set(chunk, this.#position);
    this.#position = end;
    this.#outputLength = Math.max(this.#outputLength, end);
  }

  #view(): DataView {
    return new DataView(this.#buffer());
  }

  #bytes(): Uint8Array {
    return new Uint8Array(this.#buffer());
  }

  #buffer(): ArrayBuffer {
    if (!this.memory) throw new Error('flite called its host before it had memory');
    return this.memory.buffer;
  }
}
