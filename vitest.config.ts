// How the tests run: every file in its own worker, no global state, no retries.
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["portico-sources"] },
  ssr: { resolve: { conditions: ["portico-sources"] } },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/**/*.cluster.test.ts"],
    setupFiles: ["test/setup/seed.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    retry: 0,
  },
});
