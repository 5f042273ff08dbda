// Copyright 2026 the authors. MIT license.

import { Queue } from "../../mod.ts";

// No process could ever put anything: the program ends, and says so.
new Queue().get().then(() => console.log("got"));
