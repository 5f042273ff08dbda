// Copyright 2026 the authors. MIT license.

// What an OS process runs first. `deno run` checks no types, so it may name
// what it imports.

import { beginSpawned } from "./spawn_main.ts";

beginSpawned();
