// Copyright 2026 the authors. MIT license.

// The scenarios: the contestants of each, and how much better than Python this
// module means to be.

/** One program that runs a scenario: a file of `bench/`, and its arguments. */
export interface Contestant {
  /**
   * `python`, `mp`, `spawn` for the same with OS processes, `npm:` and a peer,
   * or how the bare platform does it.
   */
  label: string;
  /** Relative to this folder; a `.py` file runs in Python. */
  file: string;
  args: string[];
  /** Relative to this folder: a module that runs before it. */
  preload?: string;
  /** Whether it imports the built file (built.ts). */
  isBuilt?: boolean;
}

/** One row of the table, or as many as its contestants report metrics. */
export interface Scenario {
  name: string;
  /**
   * How many times better than Python: more a second, or less time each.
   * Undefined where no target was set.
   */
  target: number | undefined;
  /** Python first, then this module, then the bare platform and peers. */
  contestants: Contestant[];
}

/** The pools from npm; one that cannot do a scenario is left out of it. */
const PEERS = [
  "piscina",
  "tinypool",
  "workerpool",
  "poolifier",
  "multithreading",
  "comlink",
];

/** The contestants that are not the bare platform. */
const FOLDERS = ["python", "mp", "npm"];

/**
 * What has nothing to do with how processes run, or cannot leave the program.
 */
const NOT_SPAWNED = [
  "codec",
  "copy",
  "import_by_url",
  "process_start",
  "queue_wide_object",
  "transfer",
];

/** Every scenario, in the order of the table. */
export const SCENARIOS: readonly Scenario[] = [
  stream("queue_ints", 8),
  scenario("queue_ints_async", undefined, {
    python: "queue_stream.py queue_ints",
    mp: "queue_ints_async.ts",
  }),
  stream("queue_objects", 3),
  stream("queue_bytes_1mib", 4),
  pingpong("queue_pingpong", 8),
  scenario("queue_2x2", undefined, {
    python: "queue_2x2.py",
    mp: "queue_2x2.ts",
  }),
  scenario("queue_wide_object", undefined, {
    python: "queue_wide_object.py",
    mp: "queue_wide_object.ts",
    structuredClone: "clone.ts",
  }),
  scenario("joinable_queue", undefined, {
    python: "joinable_queue.py",
    mp: "queue_kinds.ts",
  }),
  scenario("lifo_queue", undefined, { mp: "queue_kinds.ts" }),
  scenario("priority_queue", undefined, { mp: "queue_kinds.ts" }),
  scenario("put_many", undefined, { mp: "queue_kinds.ts" }),
  stream("pipe_ints", 5),
  stream("pipe_objects", 2.5),
  stream("pipe_bytes_1mib", 3),
  pingpong("pipe_pingpong", 6),
  scenario("pipe_2x2", undefined, {
    python: "pipe_2x2.py",
    mp: "pipe_2x2.ts",
  }),
  scenario("transfer_1mib", undefined, { mp: "pipe_transfer.ts" }),
  scenario("copy_1mib", undefined, { mp: "pipe_transfer.ts" }),
  scenario("lock_uncontended", 1.5, {
    python: "locks.py",
    mp: "locks.ts",
    "compare-exchange": "locks.ts",
    "npm:multithreading": "locks.ts",
  }),
  scenario("lock_contended", 1, {
    python: "contended.py",
    mp: "lock_contended.ts",
    "compare-exchange": "locks.ts",
  }),
  scenario("rlock", undefined, { python: "locks.py", mp: "locks.ts" }),
  scenario("semaphore", undefined, {
    python: "locks.py",
    mp: "locks.ts",
    "npm:multithreading": "locks.ts",
  }),
  scenario("bounded_semaphore", undefined, {
    python: "locks.py",
    mp: "locks.ts",
  }),
  scenario("value_add", 2, {
    python: "contended.py",
    mp: "value_add.ts",
    "Atomics.add": "locks.ts",
  }),
  scenario("value_atomic_add", undefined, {
    python: "contended.py",
    mp: "value_add.ts",
    "Atomics.add": "locks.ts",
  }),
  ...andBuilt(
    scenario("process_start_join_worker", 3, {
      python: "process_start_join.py",
      mp: "process_start_join_worker.ts",
      "new Worker": "worker_start.ts",
    }),
    2.5,
  ),
  ...andBuilt(
    scenario("process_start_join_spawn", 1, {
      python: "process_start_join.py",
      mp: "process_start_join_spawn.ts",
      "python:fork": "process_start_join.py process_start_join_spawn fork",
      "deno run": "command_start.ts",
    }),
    1.2,
  ),
  ...andBuilt(scenario("processes_32", undefined, {
    python: "processes_32.py",
    mp: "processes_32.ts",
    "new Worker": "processes_32.ts worker",
    "deno run": "processes_32.ts run",
  })),
  ...andBuilt(scenario("import_by_url", undefined, { mp: "import_by_url.ts" })),
  ...andBuilt(
    scenario("type_check_cold", undefined, { mp: "type_check_cold.ts" }),
  ),
  scenario("subprocess_run", undefined, {
    python: "subprocess_run.py",
    mp: "subprocess_run.ts",
    "Deno.Command": "command_run.ts",
  }),
  scenario("subprocess_run_sync", undefined, {
    python: "subprocess_run.py",
    mp: "subprocess_run.ts",
    "Deno.Command": "command_run.ts",
  }),
  scenario("codec_int", undefined, { python: "codec.py", mp: "codec.ts" }),
  scenario("codec_string", undefined, { python: "codec.py", mp: "codec.ts" }),
  codec("codec_object"),
  codec("codec_nested"),
  codec("codec_bytes_1mib"),
  // It does not end in two minutes.
  pool("pool_noop_tasks", 8, "tinypool"),
  scenario("pool_map_default", 1, { python: "pool.py", mp: "pool.ts" }),
  pool("pool_roundtrip", 8),
  pool("pool_objects", undefined),
  // The package multithreading moves all that it is given.
  pool("pool_bytes_1mib", undefined, "multithreading"),
  pool("pool_bytes_1mib_moved", undefined, "python"),
  scenario("pool_results_1mib", undefined, {
    python: "pool.py",
    mp: "pool.ts",
  }),
  scenario("pool_results_1mib_each", undefined, {
    python: "pool.py",
    mp: "pool.ts",
  }),
  ...andBuilt(pool("pool_first_result", undefined, "", {
    "python:spawn": "pool.py pool_first_result spawn",
  })),
  ...andBuilt(scenario("pool_32", undefined, {
    python: "pool.py",
    mp: "pool.ts",
    "python:spawn": "pool.py pool_32 spawn",
  })),
  ...andBuilt(pool("pool_idle_memory", undefined)),
  // Python reached 2.0 where the target was set at 1.95.
  scenario("cpu_bound_speedup", 0.975, {
    python: "cpu_bound_speedup.py",
    mp: "cpu_bound_speedup.ts",
  }),
  scenario("event_wake", undefined, {
    python: "event_wake.py",
    mp: "event_wake.ts",
  }),
  scenario("event_wake_async", undefined, {
    python: "event_wake.py",
    mp: "event_wake_async.ts",
  }),
  scenario("condition_pingpong", undefined, {
    python: "condition_pingpong.py",
    mp: "condition_pingpong.ts",
  }),
  scenario("barrier_round", undefined, {
    python: "barrier_round.py",
    mp: "barrier_round.ts",
  }),
];

function stream(name: string, target: number): Scenario {
  const file = name.startsWith("queue") ? "queue_stream" : "pipe_stream";
  return scenario(name, target, {
    python: `${file}.py`,
    mp: `${file}.ts`,
    ring: "ring_stream.ts",
    postMessage: "port_stream.ts",
  });
}

function pingpong(name: string, target: number): Scenario {
  return scenario(name, target, {
    python: "pingpong.py",
    mp: `${name}.ts`,
    "Atomics.wait": `wait_pingpong.ts ${name} sleep`,
    "spin, then wait": `wait_pingpong.ts ${name} spin`,
    postMessage: "port_pingpong.ts",
  });
}

function pool(
  name: string,
  target: number | undefined,
  without = "",
  others: Record<string, string> = {},
): Scenario {
  const programs = [
    ["python", "pool.py"],
    ["mp", "pool.ts"],
    ...Object.entries(others),
    ...PEERS.map((peer) => [`npm:${peer}`, `pool.ts ${name} ${peer}`]),
  ].filter(([label]) => !label!.endsWith(without || " "));
  return scenario(name, target, Object.fromEntries(programs));
}

function codec(name: string): Scenario {
  return scenario(name, undefined, {
    python: "codec.py",
    mp: "codec.ts",
    structuredClone: "clone.ts",
  });
}

/** A scenario, and this module's part of it again with the built file. */
function andBuilt(of: Scenario, target?: number): Scenario[] {
  const own = of.contestants
    .filter(({ label }) => ["python", "mp", "spawn"].includes(label))
    .map((it) => ({ ...it, isBuilt: it.label !== "python" }));
  return [of, { name: `${of.name}_built`, target, contestants: own }];
}

/** `python`, `mp`, `npm` for `npm:piscina`, and `bare` for the platform. */
function folderOf(label: string): string {
  const [kind] = label.split(":");
  return FOLDERS.includes(kind!) ? kind! : "bare";
}

/**
 * A program is a file and its arguments; the default is the scenario's name.
 */
function scenario(
  name: string,
  target: number | undefined,
  programs: Record<string, string>,
): Scenario {
  const contestants = Object.entries(programs).map((
    [label, program],
  ): Contestant => {
    const [file, ...args] = program.split(" ");
    const folder = folderOf(label);
    return {
      label,
      file: `${folder}/${file}`,
      args: args.length > 0 ? args : [name],
    };
  });
  const mp = contestants.find(({ label }) => label === "mp");
  const isSpawned = !NOT_SPAWNED.some((prefix) => name.startsWith(prefix));
  if (mp !== undefined && isSpawned) {
    contestants.push({ ...mp, label: "spawn", preload: "mp/_spawn.ts" });
  }
  return { name, target, contestants };
}
