import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 20_000,
    // Two cores: more workers only take time from the servers and machines under test.
    maxWorkers: 2,
  },
});
