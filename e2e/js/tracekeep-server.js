// A Tracekeep server of its own for a test: the real binary, on free ports, with its own data.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export const PUBLIC_KEY = "pk-tk-test-0000";
export const SECRET_KEY = "sk-tk-test-0000";
const READY_WITHIN = 60_000;
const STOP_WITHIN = 10_000; // the command line's promise
const READABLE_WITHIN = 1_000; // after a call's last byte: the gateway's promise

/**
 * Keeps its address and its data over restarts. `variables` are added to its environment,
 * `settings` is the text of its file.
 */
export class Server {
  static async create({ variables = {}, settings } = {}) {
    const server = new Server();
    server.variables = variables;
    const [http, grpc] = await freePorts(2);
    server.listen = `127.0.0.1:${http}`;
    server.grpc = `127.0.0.1:${grpc}`;
    server.url = `http://${server.listen}`;
    server.headers = { Authorization: `Bearer ${SECRET_KEY}` };
    server.folder = await mkdtemp(join(tmpdir(), "tracekeep-e2e-"));
    if (settings !== undefined) {
      server.settings = join(server.folder, "tracekeep.toml");
      await writeFile(server.settings, settings);
    }
    await server.start();
    return server;
  }

  async start() {
    const log = await open(join(this.folder, "server.log"), "a");
    const data = join(this.folder, "data");
    const flags = ["--data", data, "--listen", this.listen, "--otlp-grpc", this.grpc];
    if (this.settings) flags.push("--config", this.settings);
    this.process = spawn(process.env.TRACEKEEP_BIN, ["serve", ...flags], {
      stdio: ["ignore", log.fd, log.fd],
      env: {
        ...process.env,
        ...this.variables,
        TRACEKEEP_INIT_PROJECT_ID: "demo",
        TRACEKEEP_INIT_PROJECT_NAME: "demo",
        TRACEKEEP_INIT_PROJECT_PUBLIC_KEY: PUBLIC_KEY,
        TRACEKEEP_INIT_PROJECT_SECRET_KEY: SECRET_KEY,
      },
    });
    this.exited = once(this.process, "exit").then(([code, signal]) => code ?? signal);
    await log.close();
    const deadline = Date.now() + READY_WITHIN;
    while (!(await this.ready())) {
      const ended = await Promise.race([this.exited, sleep(20)]);
      assert.equal(ended, undefined, `the server ended with ${ended}:\n${await this.log()}`);
      assert.ok(Date.now() < deadline, `not ready in time:\n${await this.log()}`);
    }
  }

  /** kill -9 */
  async kill() {
    this.process.kill("SIGKILL");
    await this.exited;
  }

  /** SIGTERM: it drains and ends with exit code 0, in time. */
  async stop() {
    this.process.kill("SIGTERM");
    const ended = await Promise.race([this.exited, sleep(STOP_WITHIN, "nothing", { ref: false })]);
    if (ended !== 0) this.process.kill("SIGKILL");
    assert.equal(ended, 0, `SIGTERM ended it with ${ended}:\n${await this.log()}`);
    await rm(this.folder, { recursive: true });
  }

  get(path) {
    return fetch(this.url + path, { headers: this.headers });
  }

  /** The trace as it is now: no waiting, no second try. */
  async trace(traceId) {
    const reply = await this.get(`/api/traces/${traceId}`);
    const body = await reply.text();
    assert.equal(reply.status, 200, `${traceId}: ${body}`);
    return JSON.parse(body);
  }

  /** The trace of a call whose answer has ended: whole as soon as is promised. */
  async ended(traceId) {
    const deadline = Date.now() + READABLE_WITHIN;
    for (;;) {
      const reply = await this.get(`/api/traces/${traceId}?content=full`);
      const body = await reply.text();
      if (reply.status === 200) {
        const detail = JSON.parse(body);
        if (detail.trace.status !== "pending") return detail;
      }
      assert.ok(Date.now() < deadline, `${traceId} is not there in time: ${body.slice(0, 2_000)}`);
      await sleep(10);
    }
  }

  log() {
    return readFile(join(this.folder, "server.log"), "utf8");
  }

  async ready() {
    try {
      const reply = await fetch(`${this.url}/api/ready`);
      await reply.arrayBuffer();
      return reply.status === 200;
    } catch {
      return false;
    }
  }
}

/** All are held at once, so that they differ. */
async function freePorts(count) {
  const held = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(held.map((server) => once(server, "listening")));
  const ports = held.map((server) => server.address().port);
  await Promise.all(held.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}
