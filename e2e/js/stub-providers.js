// The stub of all providers, e2e/python/stub_providers.py, as a process of its own.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../python/stub_providers.py", import.meta.url));

/** Answers as usual until it is told otherwise. `environment`, `settings` make a server call it. */
export class Providers {
  static async create() {
    const { E2E_PYTHON: python } = process.env;
    assert.ok(python, "set E2E_PYTHON to a Python that has e2e/python/requirements.txt");
    const providers = new Providers();
    providers.process = spawn(python, [PROGRAM], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const lines = createInterface({ input: providers.process.stdout });
    const ended = once(providers.process, "exit").then(([code]) => {
      throw new Error(`the stub of the providers ended with ${code}`);
    });
    const [told] = await Promise.race([once(lines, "line"), ended]);
    ended.catch(() => {});
    return Object.assign(providers, JSON.parse(told));
  }

  /** It ends when its input does. */
  async stop() {
    const exited = once(this.process, "exit");
    this.process.stdin.end();
    await exited;
  }

  /** The calls since the last reset: provider, operation, model, stream, path, headers, body. */
  calls() {
    return this.order("calls");
  }

  async last() {
    return (await this.calls()).at(-1);
  }

  /** What the providers would not have taken. */
  problems() {
    return this.order("problems");
  }

  /** Whether nobody waits for the last answer any more: waits for that some seconds. */
  gone() {
    return this.order("gone");
  }

  reset() {
    return this.order("reset", {});
  }

  /** The next answers, one a call; the last stays: `{status, headers, events|body, pause, end}`. */
  will(...answers) {
    return this.order("will", answers);
  }

  async order(name, body) {
    const post = { method: "POST", body: JSON.stringify(body) };
    const reply = await fetch(`${this.url}/stub/${name}`, body === undefined ? {} : post);
    return reply.json();
  }
}
