// Copyright 2026 the authors. MIT license.

// Comes before a contestant of this folder that is to run with OS processes.

import { setStartMethod } from "../../mod.ts";

setStartMethod("spawn");
