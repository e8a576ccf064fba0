/** Instantiates the wasm that workerd compiled ahead of time: it forbids compiling bytes at run time. */
import { initSync } from '#glue';
import module from '#wasm-module';
import { attach } from './core.js';

attach(initSync({ module }));
