// The stack that these tests are run against, and a wire to its gateway that can be cut.
import { once } from "node:events";
import { createServer, connect as dial, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { Psmp } from "../src/index.js";

function told(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: these tests are run by tests/integration/test_typescript.py`);
  return value;
}

export const url = told("PSMP_TEST_URL");
export const key = told("PSMP_TEST_KEY");
export const nats = told("PSMP_TEST_NATS");
export const gatewayPid = (): number => Number(told("PSMP_TEST_GATEWAY_PID"));

/** The developer's key, which may do everything. */
export const admin = new Psmp({ url, key });

/** A project in which can be declared, with a name of its own. */
export async function planned(name: string, more: object = {}): Promise<string> {
  const project = `${name}-${process.pid}-${Date.now().toString(36)}`;
  await admin.create({ project, ...more });
  await admin.project(project).transition({ to: "PLANNING", reason: "a test" });
  return project;
}

/** The positions of everything in a project's log. */
export async function trail(project: string): Promise<number[]> {
  const positions: number[] = [];
  let cursor: string | undefined;
  do {
    const page = await admin.project(project).events({ limit: 500, ...(cursor ? { cursor } : {}) });
    positions.push(...page.items.map((each) => each.position));
    cursor = page.next_cursor;
  } while (cursor);
  return positions;
}

/** Until `holds`; fails after a minute. */
export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const deadline = Date.now() + 60_000; !(await holds()); ) {
    if (Date.now() > deadline) throw new Error(`not within a minute: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A wire to the gateway. `answered` is asked after each piece of an answer whether the connection is to be cut there. */
export async function wire(answered: (connection: number, bytes: number) => boolean): Promise<{
  url: string;
  connections: () => number;
  cuts: () => number;
  close: () => void;
}> {
  const gateway = new URL(url);
  const open = new Set<Socket>();
  let [connections, cuts] = [0, 0];
  const server = createServer((near) => {
    const connection = ++connections;
    const far = dial(Number(gateway.port), gateway.hostname);
    let bytes = 0;
    const cut = (): void => {
      near.destroy();
      far.destroy();
    };
    for (const each of [near, far]) {
      open.add(each);
      each.on("error", cut).on("close", () => {
        open.delete(each);
        cut();
      });
    }
    near.on("data", (data) => far.write(data));
    far.on("data", (data) => {
      bytes += data.length;
      if (answered(connection, bytes)) {
        cuts++;
        near.write(data.subarray(0, Math.floor(data.length / 2)), cut); // in the middle of what was said
      } else near.write(data);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => connections,
    cuts: () => cuts,
    close: () => {
      server.close();
      for (const each of open) each.destroy();
    },
  };
}
