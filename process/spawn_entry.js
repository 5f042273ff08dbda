// Copyright 2026 the authors. MIT license.
// @ts-nocheck: the types of the built file do not have what it imports.

// What an OS process runs first. `deno run` checks no types, so it may name
// what it imports.

import { beginSpawned } from "./spawn_main.ts";

beginSpawned();
