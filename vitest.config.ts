import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // What is waited for comes when it comes: on a busy machine starting a program takes seconds. These only end what
    // never comes.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    // Machines that boot, on a busy one: what passes only the second time is told at the end (scripts/test.mjs).
    retry: process.env.CHAINBOOT_NO_SKIP === '1' ? 1 : 0,
    // Two cores: more workers only take time from the servers and machines under test.
    maxWorkers: 2,
  },
});
