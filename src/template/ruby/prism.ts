/** The official Ruby parser as WebAssembly, instantiated on first use. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { ParseResult } from '@ruby/prism/src/deserialize.js';
import { parsePrism } from '@ruby/prism/src/parsePrism.js';
import { RubyError } from '../errors.ts';

/** The part of the global that is used here; TypeScript declares it only together with the DOM. */
declare const WebAssembly: {
  readonly Module: {
    new (bytes: Uint8Array): object;
    imports(module: object): readonly { readonly module: string; readonly name: string }[];
  };
  readonly Instance: new (module: object, imports: object) => { readonly exports: Exports };
};
type Exports = Readonly<Record<string, unknown>>;

let wasm: object | undefined;
let exports: Exports | undefined;

/**
 * The parser never calls its WASI imports; stubs that answer "not supported" keep node:wasi, which prints a
 * warning when it is imported, out of the program.
 */
function instantiate(): Exports {
  const file = createRequire(import.meta.url).resolve('@ruby/prism/src/prism.wasm');
  wasm ??= new WebAssembly.Module(readFileSync(file));
  const ENOSYS = 52;
  const imports: Record<string, Record<string, () => number>> = {};
  for (const { module: space, name } of WebAssembly.Module.imports(wasm)) {
    (imports[space] ??= {})[name] = () => ENOSYS;
  }
  const instance = new WebAssembly.Instance(wasm, imports);
  (instance.exports._initialize as () => void)();
  return instance.exports;
}

/** Errors are recoverable to prism: look at `errors` before using the tree. RubyError when it gives up. */
export function parseRuby(source: string): ParseResult {
  exports ??= instantiate();
  try {
    // The language of the Ruby that current Foreman releases run on, as near as prism has it.
    return parsePrism(exports, source, { version: '3.3.0' });
  } catch {
    // Thousands of nested brackets run over its stack, and an instance that has trapped is not to be trusted.
    exports = undefined;
    throw new RubyError('the template is nested too deeply');
  }
}
